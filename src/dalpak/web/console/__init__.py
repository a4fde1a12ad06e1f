"""The console: pages for people, and the socket of the test call. Rules of booking and talking are elsewhere."""

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from dalpak.web.console.follow_up import change, follow_up
from dalpak.web.console.pages import index, login, logout
from dalpak.web.console.render import PACKAGE
from dalpak.web.console.rules import PATH as RULES
from dalpak.web.console.rules import rules
from dalpak.web.console.test_call import TestCallSocket
from dalpak.web.console.texts import texts
from dalpak.web.console.visit import for_admins
from dalpak.web.console.whatsapp import PATH as WHATSAPP
from dalpak.web.console.whatsapp import whatsapp

routes: list[BaseRoute] = [
    Route("/", for_admins(index)),
    Route("/login", login, methods=["GET", "POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/follow-up", for_admins(follow_up)),
    Route("/follow-up/change", for_admins(change), methods=["POST"]),
    Route("/texts", for_admins(texts), methods=["GET", "POST"]),
    Route(RULES, for_admins(rules), methods=["GET", "POST"]),
    Route(WHATSAPP, for_admins(whatsapp), methods=["GET", "POST"]),
    WebSocketRoute("/console/call", TestCallSocket()),
    Mount("/static", StaticFiles(directory=PACKAGE / "static"), name="static"),
]
