"""The interaction panel: its definitions on made-up timelines, and our figures on real calls."""

import pytest

from dalpak.simulator import interaction
from dalpak.simulator.interaction_call import InteractionCall
from dalpak.simulator.interaction_figures import Heard, Kind, Panel, Row, Span, Timeline, row_of

pytestmark = pytest.mark.sim

CALLS = 12


def panel(agent: list[Span], *heard: Heard) -> Panel:
    made = Panel()
    made.add(Timeline(list(heard), agent))
    return made


def test_the_response_is_timed_from_the_end_of_the_turn() -> None:
    made = panel([Span(2_600, 5_000)], Heard(Kind.TURN, Span(1_000, 2_000)))

    assert (made.latencies, made.unanswered, made.interrupted) == ([600], 0, 0)


def test_a_turn_that_had_to_be_said_again_was_not_answered() -> None:
    made = panel(
        [Span(9_000, 9_500)],
        Heard(Kind.TURN, Span(1_000, 2_000)),
        Heard(Kind.TURN, Span(6_000, 8_000)),
    )

    assert (made.latencies, made.unanswered) == ([1_000], 1)


def test_beginning_inside_a_turn_is_interrupting_even_in_its_pauses() -> None:
    made = panel([Span(1_500, 1_700), Span(2_300, 3_000)], Heard(Kind.TURN, Span(1_000, 2_000)))

    assert made.interrupted == 1


@pytest.mark.parametrize(("stops", "yields", "not_yielded"), [(1_180, [180], 0), (4_000, [], 1)])
def test_yielding_is_stopping_within_two_seconds(
    stops: int, yields: list[int], not_yielded: int
) -> None:
    made = panel([Span(0, stops)], Heard(Kind.INTERRUPTION, Span(1_000, 2_500), over_us=3_000))

    assert (made.yields, made.unyielded) == (yields, not_yielded)


@pytest.mark.parametrize(
    ("agent", "talked_on", "unbroken"),
    [
        ([Span(0, 5_000)], True, True),
        ([Span(0, 1_100), Span(1_250, 5_000)], True, True),
        ([Span(0, 1_100), Span(1_800, 5_000)], True, False),
        ([Span(0, 1_100), Span(2_100, 5_000)], False, False),
        ([Span(0, 1_100)], False, False),
    ],
    ids=["through", "a breath", "paused", "too long", "gave up"],
)
def test_a_hum_is_talked_through(agent: list[Span], talked_on: bool, unbroken: bool) -> None:
    made = panel(agent, Heard(Kind.BACKCHANNEL, Span(1_000, 1_300), over_us=4_000))

    assert made.talked_on == {Kind.BACKCHANNEL: [talked_on]}
    assert made.unbroken == {Kind.BACKCHANNEL: [unbroken]}


@pytest.mark.parametrize(("begins", "ignored"), [(2_400, False), (3_600, True)])
def test_a_cough_in_silence_is_not_answered(begins: int, ignored: bool) -> None:
    made = panel([Span(begins, 5_000)], Heard(Kind.TIC, Span(1_000, 1_500), alone=True))

    assert made.talked_on == {Kind.TIC: [ignored]}


def test_rates_of_few_events_are_not_shown() -> None:
    made = Panel(latencies=[500] * 9, turns=9)
    row = row_of(made, "few", {Kind.TIC: [True] * 9})

    assert (row.response_s, row.response_rate, row.tic, row.selectivity) == (None,) * 4


def test_the_same_seed_gives_the_same_conversation() -> None:
    assert InteractionCall(3).run() == InteractionCall(3).run()
    assert InteractionCall(3).run() != InteractionCall(4).run()


def test_our_conversation_keeps_its_figures() -> None:
    """A few calls of the thousand: the bars are wider than the targets, by what a small sample may stray."""
    made = interaction.measure(CALLS)
    row = row_of(made, "ours", made.talked_on)

    assert made.turns > 4 * CALLS
    assert row.response_s is not None
    assert row.response_s <= 0.9
    assert row.response_rate is not None
    assert row.response_rate >= 0.97
    assert all(ms <= 700 for ms in made.yields)
    assert made.unyielded == 0
    assert made.interrupted <= 0.12 * made.turns
    told = [told for kind in made.talked_on for told in made.talked_on[kind]]
    assert sum(told) >= 0.6 * len(told)


def test_a_missed_target_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Panel(latencies=[2_000] * 20, yields=[900] * 20, turns=20)
    monkeypatch.setattr(interaction, "measure", lambda calls, start: slow)

    with pytest.raises(interaction.TargetMissedError, match="mean response"):
        interaction.main(["--calls", "5"])
    out = capsys.readouterr().out
    assert "LiveKit cascaded" in out
    assert "MISSED" in out


def test_met_targets_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {kind: [True] * 20 for kind in (Kind.BACKCHANNEL, Kind.TIC, Kind.NON_DIRECTED)}
    quick = Panel([500] * 20, 0, [150] * 20, 0, 20, 0, good, good)
    monkeypatch.setattr(interaction, "measure", lambda calls, start: quick)

    interaction.main(["--calls", "5"])

    assert "MISSED" not in capsys.readouterr().out
    assert isinstance(row_of(quick, "quick", good), Row)
