"""The edge in a process of its own, for tests that send it signals: by our server, or as gunicorn's app."""

import sys
from pathlib import Path

from edge_harness import build_edge, settings_for
from fastapi import FastAPI

from dalpak.app_factory import create_app
from dalpak.web.server import DrainingServer, server_config


def make(folder: str, drain_deadline_s: float = 900.0) -> FastAPI:
    """gunicorn calls this: `edge_child:make("folder")`."""
    settings = settings_for(Path(folder), drain_deadline_s=drain_deadline_s)
    return create_app(settings, build=build_edge)


if __name__ == "__main__":
    folder, port, deadline = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    settings = settings_for(Path(folder), port=port, drain_deadline_s=deadline)
    config = server_config(lambda: create_app(settings, build=build_edge), settings)
    DrainingServer(config).run()
