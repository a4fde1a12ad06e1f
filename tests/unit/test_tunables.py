"""The operator's tunables (SPEC D1): each, set by its own name in the environment, means what it says. Virtual time."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from call_harness import Talk

from dalpak.call.effects import FinalizeEars
from dalpak.call.inputs import Input, PartialHeard
from dalpak.call.limits import FRAME_MS
from dalpak.clock import VirtualClock, run_virtual
from dalpak.config import Settings
from dalpak.extensions import limits_of
from dalpak.ports.stt import Transcript
from dalpak.runtime.listen import Listener
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.scripted_stt import ScriptedStt

pytestmark = pytest.mark.unit


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)  # type: ignore[call-arg]


def talk_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Talk:
    return Talk(limits=limits_of(settings(monkeypatch, **environment))).start()


def test_the_defaults_are_the_operators() -> None:
    made = Settings(_env_file=None)  # type: ignore[call-arg]
    told = (made.stt_partial_debounce_ms, made.vad_hangover_ms, made.min_utt_sec)
    assert (*told, made.stt_timeout_ms) == (40, 120, 0.20, 240)


@pytest.mark.parametrize("hangover", [120, 160])
def test_vad_hangover_ms_is_the_quiet_before_the_final_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, hangover: int
) -> None:
    talk = talk_with(monkeypatch, VAD_HANGOVER_MS=str(hangover))
    talk.voice(400)
    talk.voice(400, then_quiet=hangover - 2 * FRAME_MS)
    assert talk.times(FinalizeEars) == []
    talk.voice(400)
    stopped = talk.now
    talk.run(1_000)
    assert talk.times(FinalizeEars) == [stopped + hangover]


@pytest.mark.parametrize("seconds", [0.20, 0.24])
def test_min_utt_sec_parts_noise_from_a_voice_that_was_not_understood(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    least = round(seconds * 1000)
    for length, asked_again in ((least - FRAME_MS, False), (least, True)):
        talk = talk_with(monkeypatch, MIN_UTT_SEC=str(seconds))
        talk.voice(length, then_quiet=4_000)
        assert ("not heard" in talk.spoken()) is asked_again


@pytest.mark.parametrize("timeout", [240, 500])
def test_stt_timeout_ms_is_the_wait_for_a_final_then_the_last_partial_counts(
    monkeypatch: pytest.MonkeyPatch, timeout: int
) -> None:
    # Without the pause that a turn waits anyway, which may be the longer of the two.
    talk = talk_with(monkeypatch, STT_TIMEOUT_MS=str(timeout), COMMIT_PAUSE_MS="0")
    talk.voice(400)
    talk.tell(PartialHeard("tomorrow"))
    talk.run(1_500)
    (asked,) = talk.times(FinalizeEars)
    (began,) = [at for at, effect in talk.done if effect in talk.turns]
    assert began == asked + timeout
    assert [turn.said.text for turn in talk.turns] == ["tomorrow"]


@pytest.mark.parametrize("debounce", [40, 60])
def test_stt_partial_debounce_ms_is_the_least_time_between_partials_but_the_first_is_at_once(
    monkeypatch: pytest.MonkeyPatch, debounce: int
) -> None:
    made = settings(monkeypatch, STT_PARTIAL_DEBOUNCE_MS=str(debounce))

    async def main() -> list[tuple[int, str]]:
        clock = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
        heard: list[tuple[int, str]] = []

        def hear(what: Input) -> None:
            if isinstance(what, PartialHeard):
                heard.append((clock.monotonic_ms(), what.text))

        ear = Listener(
            stt=ScriptedStt([]),
            vad=None,
            locale="he-IL",
            hints=(),
            debounce_ms=made.stt_partial_debounce_ms,
            clock=clock,
            supervisor=Supervisor("test"),
            hear=hear,
        )
        for number in range(31):
            getattr(ear, "_transcript")(Transcript(f"word {number}", final=False))  # noqa: B009
            await clock.sleep(0.01)
        await clock.sleep(1)
        return heard

    heard = run_virtual(main())
    times = [at for at, _ in heard]
    assert heard[0] == (0, "word 0")
    assert min(b - a for a, b in pairwise(times)) >= debounce
    assert 300 // debounce <= len(heard) <= 300 // debounce + 2
    assert [text for _, text in heard] == sorted((t for _, t in heard), key=lambda t: int(t[5:]))
    assert heard[-1][1] == "word 30"
