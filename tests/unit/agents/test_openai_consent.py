"""Consent to messages with a model on the line: it is asked, noted and refused without the model."""

import pytest
from scripted_model import ModelCall, say, texts, tool

from dalpak.agents.memory import recall
from dalpak.agents.openai_tools import our_names
from dalpak.clock import run_virtual
from dalpak.domain.follow_up import ConsentAnswer, ConsentRecord
from dalpak.language.he import HEBREW

pytestmark = pytest.mark.unit

FIND = tool("calendar_find_slots", '{"date": "2026-11-24", "time": "10:00", "limit": null}')
NAME = tool("leads_note_contact", '{"name": "דנה", "phone": null}')
ASKED = HEBREW.phrase("ask_whatsapp").text


def call() -> ModelCall:
    c = ModelCall(senders=("whatsapp_cloud", "outbox"))
    c.store.tables("salon").messaging["consent_required"] = True
    return c


def consents(c: ModelCall) -> list[ConsentRecord]:
    return c.store.tables("salon").consents


def test_the_question_stands_before_the_read_back_and_its_answer_goes_to_no_model() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("מחר בעשר", *FIND)
        assert texts(await c.hears("דנה", *NAME))[-1] == ASKED
        asked = len(c.model.asked)
        assert texts(await c.hears("כן"))[-1].endswith("לקבוע?")
        assert len(c.model.asked) == asked
        assert [x.answer for x in consents(c)] == [ConsentAnswer.GRANTED]
        slot = recall(c.state).slot
        assert slot is not None
        booking = tool("calendar_create_appointment", f'{{"slot": "{slot.id}"}}')
        out = texts(await c.hears("כן", *booking))
        assert HEBREW.phrase("confirmation_whatsapp").text in out

    run_virtual(play())


def test_a_refusal_by_the_way_is_noted_without_the_model() -> None:
    async def play() -> None:
        c = await call().begin()
        await c.hears("שלום", *say("שלום, במה אפשר לעזור?"))
        asked = len(c.model.asked)
        out = texts(await c.hears("אל תשלחו לי וואטסאפ"))
        assert out[0] == HEBREW.phrase("messages_declined").text
        assert len(c.model.asked) == asked
        assert [x.answer for x in consents(c)] == [ConsentAnswer.DECLINED]
        assert "וואטסאפ" not in c.model.prompts

    run_virtual(play())


def test_a_model_can_neither_ask_for_consent_nor_give_it() -> None:
    assert not [name for name in our_names().values() if name.startswith("messages.")]

    async def play() -> None:
        c = await call().begin()
        with pytest.raises(Exception, match="garbage"):
            await c.hears("מחר בעשר", *tool("messages_note"))
        assert consents(c) == []

    run_virtual(play())
