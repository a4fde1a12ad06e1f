"""The edge in a process of its own, for tests that send it signals: by our server, or as gunicorn's app."""

import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from edge_harness import build_edge, settings_for
from fastapi import FastAPI

from dalpak.app_factory import create_app
from dalpak.config import Settings
from dalpak.extensions import build_extensions
from dalpak.language.base import Spoken
from dalpak.logs import configure_logging
from dalpak.web.server import DrainingServer, server_config


class Tone:
    """A voice that says one second of the same for everything."""

    name = voice = "tone"

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"\x20" * 800

    async def aclose(self) -> None:
        return None


def build_real(settings: Settings) -> AbstractAsyncContextManager[Any]:
    """Everything as in production, with the demo salon; only the voice is a tone."""
    return build_extensions(settings, voice=Tone())


def make(folder: str, drain_deadline_s: float = 900.0) -> FastAPI:
    """gunicorn calls this: `edge_child:make("folder")`."""
    settings = settings_for(Path(folder), drain_deadline_s=drain_deadline_s)
    return create_app(settings, build=build_edge)


def main(folder: str, port: str, deadline: str, kind: str = "scripted") -> None:
    real = kind == "real"
    settings = settings_for(
        Path(folder), port=int(port), drain_deadline_s=float(deadline), seed_demo=real
    )
    configure_logging(debug=False, fmt="json")
    app = create_app(settings, build=build_real if real else build_edge)
    DrainingServer(server_config(lambda: app, settings)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
