"""The console: pages for people, and the socket of the test call. Rules of booking and talking are elsewhere."""

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from dalpak.web.console.pages import PACKAGE, index, login, logout
from dalpak.web.console.test_call import TestCallSocket

routes: list[BaseRoute] = [
    Route("/", index),
    Route("/login", login, methods=["GET", "POST"]),
    Route("/logout", logout, methods=["POST"]),
    WebSocketRoute("/console/call", TestCallSocket()),
    Mount("/static", StaticFiles(directory=PACKAGE / "static"), name="static"),
]
