"""A short sample of `make chaos`: the harness itself works, and what it counts is right."""

import pytest

from chaos import Outcome, appointment_of, run_once

pytestmark = pytest.mark.integration


def test_two_kills_lose_nothing_and_repeat_nothing() -> None:
    outcome = run_once("sqlite", "asked", kills=2, seed=3)

    assert outcome.acknowledged > 0
    assert not outcome.wrong, outcome


def test_what_is_wrong_is_seen() -> None:
    assert not Outcome("sqlite", "blind", 1, repeated=3).wrong
    assert Outcome("sqlite", "asked", 1, repeated=1).wrong
    for count in ("lost", "never_sent", "other_key", "ghosts"):
        assert Outcome("sqlite", "blind", 1, **{count: 1}).wrong


def test_a_key_tells_its_appointment() -> None:
    assert appointment_of("confirm_appointment:appointment.created:appt_1:send") == "appt_1"
