"""A template to a page. Templates hold the words; what they are given is decided elsewhere."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse

import dalpak

PACKAGE = Path(__file__).parent

_templates = Environment(
    loader=PackageLoader("dalpak.web.console", "templates"), autoescape=select_autoescape()
)


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """Never kept by a browser: it holds names, numbers and a session's token."""
    text = _templates.get_template(name).render(version=dalpak.__version__, **values)
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})
