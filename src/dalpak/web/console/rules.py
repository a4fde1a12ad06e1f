"""The page of a business's rules of writing to people: by what, when, how often, and who reads what.

The form is read in rules_form.py, a rule is checked in `domain/messaging.py`; what is wrong is shown
beside its field, with what was written. The same from a terminal: `dalpak templates rules`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from dalpak.domain.messaging import (
    MAX_REMINDERS,
    SUMMARY_READERS,
    MessagingRules,
    faults_in,
    rules_of,
)
from dalpak.domain.records import TenantScope
from dalpak.errors import PolicyError
from dalpak.web.console.render import page
from dalpak.web.console.rules_form import Fields, fields_of, given_of, place_of, raw_of
from dalpak.web.console.rules_words import CHANNELS, expected_of, label_of
from dalpak.web.console.visit import Visit
from dalpak.web.console.whatsapp_settings import NEEDS

PATH = "/rules"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one field, in words."""

    place: str
    """The form's field."""
    label: str
    value: str
    """As it was written."""
    expected: str


async def rules(visit: Visit) -> Response:
    """GET: the rules in force. POST: `what` is save or reset."""
    business = visit.business()
    if not visit.posted:
        saved = MessagingRules()
        if business is not None:
            async with visit.ext.store.reading(TenantScope(business.id)) as r:
                saved = rules_of((await r.messaging()).raw)
        return _show(visit, fields_of(saved))
    what = visit.asked("what")
    if business is None or business.id != visit.asked("business") or what not in ("save", "reset"):
        return Response("bad request", 400)
    fields = given_of(visit.form)
    raw = raw_of(fields) if what == "save" else {}
    wrong = faults_in(raw)
    if wrong:
        return _show(visit, fields, _mistakes(wrong, fields))
    async with visit.ext.store.writing(TenantScope(business.id)) as w:
        await w.save_messaging(raw)
    query = urlencode({"business": business.id, "told": "saved" if what == "save" else "reset"})
    return RedirectResponse(f"{PATH}?{query}", 303)


def _mistakes(wrong: Sequence[PolicyError], fields: Fields) -> list[Mistake]:
    return [
        Mistake(
            place_of(fault, fields),
            label_of(fault.field),
            _told(fault.value),
            expected_of(fault.field),
        )
        for fault in wrong
    ]


def _told(value: object) -> str:
    """What a person wrote or chose, as one line."""
    match value:
        case list():
            return " – ".join(map(_told, value))
        case dict():
            return " ".join(map(_told, value.values()))
        case _:
            return CHANNELS.get(str(value), str(value))


def _show(visit: Visit, fields: Fields, mistakes: Sequence[Mistake] = ()) -> Response:
    flows = visit.ext.flows
    installed = frozenset(flows.messengers) if flows is not None else frozenset()
    chosen = [fields[name] for name in fields if name.startswith("channels.") and fields[name]]
    return page(
        "rules.html",
        422 if mistakes else 200,
        businesses=visit.businesses,
        business=visit.business(),
        csrf=visit.csrf,
        path=PATH,
        f=fields,
        mistakes={mistake.place: mistake for mistake in mistakes},
        channels=sorted(name for name in fields if name.startswith("channels.")),
        # One that a business chose stays, whatever this installation has today.
        messengers=dict.fromkeys([*NEEDS, *chosen]),
        names=CHANNELS,
        installed=installed,
        readers=("", *SUMMARY_READERS),
        rows=range(MAX_REMINDERS),
        told="" if visit.posted else visit.asked("told"),
    )
