"""Cases of the phrase files and the grading that their conventions ask for."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dalpak.language.base import Asked, HearingContext, Named, Understood
from dalpak.language.he.hearing import understand
from dalpak.language.meaning import context_of, meaning

DATA = Path(__file__).resolve().parents[4] / "data"
DEV = "he_booking_phrases_dev.json"
OWN = "he_phrases_own.json"
NOW = datetime.fromisoformat("2026-11-22T10:15:00+02:00")
ZONE = "Asia/Jerusalem"


def cases(name: str) -> Iterator[dict[str, Any]]:
    """The cases of one file, each with the file's reference moment filled in."""
    table = json.loads((DATA / name).read_text(encoding="utf-8"))
    for case in table["cases"]:
        yield {"ref": table["reference"]["now"], **case}


def context_for(case: Mapping[str, Any]) -> HearingContext:
    return context_of(case, now=NOW, timezone=ZONE)


def meant(case: Mapping[str, Any]) -> dict[str, object]:
    """What the grammar makes of a case, in the vocabulary of the files."""
    context = context_for(case)
    return meaning(understand(case["text"], context), context)


def context(
    asked: Asked = Asked.NOTHING,
    *offered: str,
    services: tuple[Named, ...] = (),
    staff: tuple[Named, ...] = (),
    ref: str | None = None,
    hours: Mapping[str, object] | None = None,
) -> HearingContext:
    """A context at the reference moment; offers as local ISO times."""
    case: dict[str, Any] = {"context": {"asked": asked, "offered": offered}}
    if ref:
        case["ref"] = ref
    if hours:
        case["hours"] = hours
    case["context"]["asked"] = {
        Asked.WHEN: "time",
        Asked.CHOICE: "choose",
        Asked.YES_NO: "confirm",
        Asked.NAME: "name",
        Asked.PHONE: "phone",
        Asked.SERVICE: "service",
        Asked.NOTHING: "",
    }[asked]
    return context_of(case, now=NOW, timezone=ZONE, services=services, staff=staff)


def hear(text: str, asked: Asked = Asked.NOTHING, *offered: str) -> Understood:
    return understand(text, context(asked, *offered))


def graded(expect: Mapping[str, Any], got: Mapping[str, object]) -> list[str]:
    """The keys that are wrong; empty means right. Only what is expected is graded."""
    wrong: list[str] = []
    for key, value in expect.items():
        if not _right(key, value, expect, got):
            wrong.append(key)
    return wrong


def _right(key: str, value: Any, expect: Mapping[str, Any], got: Mapping[str, object]) -> bool:
    match key:
        case "alternatives":
            return True
        case "absent":
            return all(got.get(name) is None for name in value)
        case "intent_any":
            return got.get("intent") in value
        case "intent_not":
            return got.get("intent") != value
        case "date_alternatives":
            return got.get("alternatives") == value
        case "date":
            return got.get("date") in (value, *expect.get("alternatives", ()))
        case "time_candidates":
            return sorted(value) == sorted(got.get("time_candidates") or [])  # type: ignore[call-overload]
        case "name":
            return str(got.get("name", "")).strip() == value
        case _:
            return got.get(key) == value
