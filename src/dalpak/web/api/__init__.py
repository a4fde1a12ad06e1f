"""The JSON API of the console. Reads only; every answer is inside one tenant's scope."""

from starlette.routing import BaseRoute, Route

from dalpak.web.api.views import business, call, calls

routes: list[BaseRoute] = [
    Route("/api/businesses/{business_id}", business),
    Route("/api/businesses/{business_id}/calls", calls),
    Route("/api/businesses/{business_id}/calls/{call_id}", call),
]
