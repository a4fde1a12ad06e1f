"""What a dropped draft did to the gate never was, for every tool that holds the gate."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from dalpak.language.message_wishes import message_wish
from dalpak.tools.desk import ToolDesk
from dalpak.tools.gate import BookingGate
from dalpak.tools.message_answers import MessageAnswers

pytestmark = pytest.mark.unit


def test_the_gate_goes_back_and_stays_the_same_object() -> None:
    gate = BookingGate()
    gate.note_name("Dana")
    messages = MessageAnswers()
    messages.ask("t1", "+972501234567", "Shall we write?")
    desk = ToolDesk.__new__(ToolDesk)
    desk._ctx = cast(Any, SimpleNamespace(gate=gate, messages=messages))
    before = desk.state()

    gate.note_name("Dan")
    gate.note_phone("+972501234567")
    gate.message = "left in a draft"
    messages.heard("t1")
    messages.caller_said(None, message_wish("en", "no messages please"))
    messages.promised.append("+972501234567")
    desk.restore(before)

    assert desk._ctx.gate is gate
    assert desk._ctx.messages is messages
    assert messages.said is None
    assert messages.promised == []
    assert desk.state() == before
    assert (gate.name, gate.phone, gate.message) == ("Dana", None, None)
