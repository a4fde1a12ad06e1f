"""The JSON API of the console; every answer is inside one tenant's scope."""

from starlette.routing import BaseRoute, Route

from dalpak.web.api.flows import cancel, flows, retry, why_nothing
from dalpak.web.api.views import business, call, calls

routes: list[BaseRoute] = [
    Route("/api/businesses/{business_id}", business),
    Route("/api/businesses/{business_id}/calls", calls),
    Route("/api/businesses/{business_id}/calls/{call_id}", call),
    Route("/api/businesses/{business_id}/flows", flows),
    Route("/api/businesses/{business_id}/flows/{flow_id}/retry", retry, methods=["POST"]),
    Route("/api/businesses/{business_id}/flows/{flow_id}/cancel", cancel, methods=["POST"]),
    Route("/api/businesses/{business_id}/why/{subject_id}", why_nothing),
]
