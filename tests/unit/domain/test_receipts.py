"""Two tellings about one message: the same ones end in the same state, in any order and number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.domain.receipts import RANK, merged
from dalpak.ports.messenger import DeliveryState

pytestmark = pytest.mark.unit

STATES = st.lists(st.sampled_from([*RANK, "nonsense", ""]), max_size=8)


def after(start: str, told: list[str]) -> str:
    for state in told:
        start = merged(start, state)
    return start


@given(told=STATES, again=st.randoms(use_true_random=False))
def test_order_and_repetition_make_no_difference(told: list[str], again: object) -> None:
    shuffled = list(told) + told[:3]
    again.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = after("pending", told), after("pending", shuffled)

    assert RANK[first] == RANK[second]


@given(told=STATES)
def test_what_arrived_never_un_arrives(told: list[str]) -> None:
    assert after("delivered", told) in {"delivered", "recorded", "read"}


@given(told=STATES)
def test_a_message_that_was_not_to_be_sent_stays_so(told: list[str]) -> None:
    assert after("skipped", told) == "skipped"


def test_a_failure_beats_a_promise_and_loses_to_proof() -> None:
    assert after("sending", ["accepted", "sent", "failed"]) == "failed"
    assert after("sending", ["failed", "sent", "accepted"]) == "failed"
    assert after("sending", ["failed", "delivered"]) == "delivered"


def test_every_state_of_a_messenger_has_a_rank() -> None:
    assert {state.value for state in DeliveryState} <= set(RANK)
