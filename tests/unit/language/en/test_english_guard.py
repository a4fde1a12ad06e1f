"""English guards: what claims a booking, and what is only a hum."""

import pytest

from dalpak.language.en.guard import claims_booking, is_backchannel

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "I've booked you in for Tuesday at three.",
        "Your appointment is set for tomorrow.",
        "Great, you're all set!",
        "Done, it is confirmed.",
        "Booked!",
        "I have moved your appointment to Wednesday.",
        "Your booking has been cancelled.",
        "We scheduled your visit.",
        "See you on Monday at ten.",
        "I put you down for Thursday.",
        "It's reserved for you.",
        "Okay. I cancelled it.",
    ],
)
def test_a_claim_is_blocked(text: str) -> None:
    assert claims_booking(text)


@pytest.mark.parametrize(
    "text",
    [
        "Shall I book it?",
        "I have not booked anything yet.",
        "Which day would you like?",
        "If it is booked, I will look for another time.",
        "We are open from nine to seven.",
        "Nothing is confirmed before you say yes.",
        "Would you like it booked for Tuesday?",
        "I can check whether Tuesday is free.",
        "",
    ],
)
def test_talk_is_not(text: str) -> None:
    assert not claims_booking(text)


@pytest.mark.parametrize(
    "text", ["mm", "mmmmm", "uh huh", "yes", "yeah yeah", "okay", "I see", "hello?"]
)
def test_hums(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "wait",
        "sorry",
        "stop",
        "I",
        "yes tomorrow at three",
        "okay okay okay okay okay okay",
    ],
)
def test_words_that_take_the_floor(text: str) -> None:
    assert not is_backchannel(text)
