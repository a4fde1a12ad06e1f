"""The entrypoint: what `gunicorn dalpak.asgi:app -k asgi` and `dalpak serve` load. Process-wide
set-up and nothing else.

uvloop is chosen by whoever owns the loop: the server's own settings say so (web/server.py,
deploy/), and a policy set here would come too late. Importing this module does no work: the app is
made when `app` is first asked for.
"""

from typing import Any

from dalpak.app_factory import application

__all__ = ["application"]


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["app"] = made = application()
    return made
