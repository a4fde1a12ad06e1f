"""Options that several commands take, so that they are called and explained alike."""

from typing import Annotated

import typer

JSON = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
DB = Annotated[
    str, typer.Option("--db", help="Database URL or SQLite file instead of the configured one.")
]
