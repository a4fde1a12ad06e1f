"""Rows 1 and 2 of the GO/NO-GO table: does the installed source call what it must not?

Reads every module of the package as text, as `grep` would, so that a call in a string counts too.
"""

import re
from pathlib import Path

import dalpak

PACKAGE = Path(dalpak.__file__).parent


def calls_outside(name: str, *, allowed: tuple[str, ...], package: Path = PACKAGE) -> list[str]:
    """`file:line` of every call of `name` in a file that is not `allowed`."""
    call = re.compile(rf"\b{re.escape(name)}\(")
    return [
        f"{path.relative_to(package).as_posix()}:{number}"
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).as_posix() not in allowed
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if call.search(line)
    ]
