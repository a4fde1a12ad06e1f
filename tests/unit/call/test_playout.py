"""Pacing, marks and interruptions of outgoing sound."""

import pytest
from call_harness import Talk, sound
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.effects import (
    CancelSpeech,
    ClearPlayback,
    ConfirmHeard,
    Effect,
    RecordTurn,
    SendFrame,
    SendMark,
    Speak,
)
from dalpak.call.inputs import (
    AudioReady,
    FinalHeard,
    KeyPressed,
    LineSlow,
    MarkPlayed,
    ReplyDelta,
    ReplyEnded,
    SpeechFailed,
    TimePassed,
)
from dalpak.call.limits import FRAME_BYTES, FRAME_MS, HEARD_TAIL_MS, MARK_EVERY_MS, Limits
from dalpak.call.mulaw import SILENCE_BYTE
from dalpak.call.playout import Playout, parse_mark
from dalpak.language.base import Spoken

pytestmark = pytest.mark.unit

LEAD = Limits().lead_ms
WORDS = Spoken("one two three four five")


def frames(effects: list[Effect]) -> list[bytes]:
    return [e.payload for e in effects if isinstance(e, SendFrame)]


def marks(effects: list[Effect]) -> list[str]:
    return [e.name for e in effects if isinstance(e, SendMark)]


def playing(ms: int = 1_000, *, tag: str | None = None, limits: Limits | None = None) -> Playout:
    """A sentence whose audio is all there, with nothing sent yet."""
    playout = Playout(limits or Limits())
    speech = playout.say(1, WORDS, tag=tag)
    playout.ask_tts(0)
    playout.audio(speech.number, sound(ms), last=True, now=0)
    return playout


def send_until(playout: Playout, end: int) -> list[tuple[int, Effect]]:
    sent: list[tuple[int, Effect]] = []
    now = 0
    while (at := playout.next_send(now)) is not None and at <= end:
        now = max(now, at)
        sent += [(now, e) for e in playout.send_due(now)]
    return sent


# -- rule 1: an absolute schedule ----------------------------------------------------------------


def test_the_lead_goes_out_at_once_and_then_a_frame_every_20_ms() -> None:
    sent = [at for at, e in send_until(playing(1_000), 2_000) if isinstance(e, SendFrame)]

    at_once = LEAD // FRAME_MS + 1
    assert sent[:at_once] == [0] * at_once
    assert sent[at_once:] == [FRAME_MS * k for k in range(1, 50 - at_once + 1)]


def test_a_late_wake_up_sends_everything_due_and_no_time_is_lost() -> None:
    playout = playing(2_000)
    playout.send_due(0)

    assert len(frames(playout.send_due(150))) == 150 // FRAME_MS
    assert playout.lead_now(150) >= LEAD - FRAME_MS
    assert playout.underruns == 0


@given(st.lists(st.integers(1, 190), min_size=1, max_size=60))
def test_wake_ups_late_by_less_than_the_lead_are_inaudible(delays: list[int]) -> None:
    playout = playing(20_000)
    now = 0
    for delay in [0, *delays]:
        due = playout.next_send(now)
        assert due is not None
        now = max(due, now) + delay
        assert playout.play_end() >= now or playout.play_end() == 0
        playout.send_due(now)
        assert playout.lead_now(now) <= LEAD + FRAME_MS
    assert playout.underruns == 0


# -- rule 2: after running dry a new run begins --------------------------------------------------


def test_after_running_dry_only_the_lead_is_sent_not_the_backlog() -> None:
    playout = playing(5_000)
    playout.send_due(0)

    late = playout.send_due(2_000)

    assert len(frames(late)) == LEAD // FRAME_MS + 1
    assert playout.lead_now(2_000) == LEAD + FRAME_MS
    assert playout.underruns == 1


def test_a_voice_that_drips_makes_one_pause_and_no_hurry() -> None:
    playout = Playout(Limits())
    number = playout.say(1, WORDS).number
    playout.audio(number, sound(100), last=False, now=0)
    playout.send_due(0)
    assert playout.next_send(50) is None

    playout.audio(number, sound(400), last=True, now=500)

    assert playout.next_send(500) == 500
    assert len(frames(playout.send_due(500))) == LEAD // FRAME_MS + 1


def test_a_slow_socket_is_given_time() -> None:
    talk = Talk(voice_ms=3_000).start(greeted=False)
    talk.run(100)

    talk.tell(LineSlow(20))
    talk.run(2_000)

    between = [at for at in talk.times(SendFrame) if 100 < at < 500]
    assert between == []


# -- audio in --------------------------------------------------------------------------------------


def test_audio_of_any_length_becomes_whole_frames_filled_up_with_silence() -> None:
    playout = Playout(Limits())
    number = playout.say(1, WORDS).number
    playout.audio(number, b"\x01" * 100, last=False, now=0)
    playout.audio(number, b"\x02" * 70, last=True, now=0)

    sent = frames(playout.send_due(0))

    assert sent == [
        b"\x01" * 100 + b"\x02" * 60,
        (b"\x02" * 10).ljust(FRAME_BYTES, bytes([SILENCE_BYTE])),
    ]


def test_late_audio_of_a_speech_that_is_over_is_ignored() -> None:
    playout = playing(200)
    playout.cancel(0)

    assert playout.audio(1, sound(200), last=True, now=10) is None
    assert playout.next_send(10) is None


def test_a_speech_that_is_only_shown_is_heard_when_its_mark_is_back() -> None:
    talk = Talk(voice_ms=0).start(greeted=False)
    talk.run(100)

    assert talk.all(SendFrame) == []
    assert [e.heard for e in talk.all(RecordTurn)] == ["greeting"]


def test_no_more_sentences_are_asked_for_than_may_be_ahead() -> None:
    playout = Playout(Limits(speeches_ahead=2))
    for _ in range(4):
        playout.say(1, WORDS)

    assert [e.speech for e in playout.ask_tts(0) if isinstance(e, Speak)] == [1, 2]
    assert playout.ask_tts(0) == []
    playout.audio(1, sound(100), last=True, now=0)
    assert [e.speech for e in playout.ask_tts(0) if isinstance(e, Speak)] == [3]


def test_the_producer_waits_when_the_buffer_is_full() -> None:
    playout = Playout(Limits(buffer_ms=1_000))
    playout.say(1, WORDS)
    playout.say(1, WORDS)
    playout.say(1, WORDS)
    playout.ask_tts(0)
    playout.audio(1, sound(1_500), last=True, now=0)

    assert playout.ask_tts(0) == []
    send_until(playout, 700)
    assert [e.speech for e in playout.ask_tts(700) if isinstance(e, Speak)] == [3]


# -- marks -------------------------------------------------------------------------------------------


def test_marks_come_every_200_ms_and_at_the_end() -> None:
    names = [e.name for _, e in send_until(playing(700), 2_000) if isinstance(e, SendMark)]

    assert names == [f"g0:t1:s1:{ms}" for ms in range(MARK_EVERY_MS, 700, MARK_EVERY_MS)] + [
        "g0:t1:s1:700e"
    ]


def test_a_mark_at_the_very_end_is_sent_once() -> None:
    names = [e.name for _, e in send_until(playing(400), 2_000) if isinstance(e, SendMark)]

    assert names == ["g0:t1:s1:200", "g0:t1:s1:400e"]


@given(st.text(max_size=40))
def test_reading_a_mark_is_total(name: str) -> None:
    parse_mark(name)


@pytest.mark.parametrize(
    "name", ["", "g0:t1:s1", "g0:t1:s1:2:3", "x0:t1:s1:20", "g٣:t1:s1:20", "g:t:s:", "g-1:t1:s1:20"]
)
def test_marks_that_are_not_ours_are_nothing(name: str) -> None:
    assert parse_mark(name) is None


def test_a_mark_is_read_back_as_it_was_written() -> None:
    assert parse_mark("g3:t12:s40:1400e") == (3, 40, 1400, True)


def test_words_count_as_heard_up_to_the_last_mark() -> None:
    talk = Talk(voice_ms=None, marks=False).start(greeted=False)
    talk.tell(AudioReady(1, sound(200), last=True))
    talk.run(300)
    talk.tell(MarkPlayed("g0:t0:s1:200e"))
    talk.tell(FinalHeard("hello"))
    talk.tell(ReplyDelta(1, WORDS))
    talk.tell(AudioReady(2, sound(1_000), last=True))
    talk.run(600)
    talk.tell(MarkPlayed("g0:t1:s2:400"))

    talk.tell(FinalHeard("no"))

    assert talk.turns[-1].heard == "one two"
    assert talk.all(RecordTurn)[-1].heard == "one two"


def test_a_mark_of_an_older_generation_says_dropped_not_played() -> None:
    playout = playing(1_000)
    send_until(playout, 300)
    playout.pause(300)

    assert playout.mark_played("g0:t1:s1:400") == (None, [])
    playout.resume()
    assert playout.mark_played("g1:t1:s1:200")[1] == []


def test_marks_that_never_come_move_the_state_on_but_nothing_counts_as_heard() -> None:
    talk = Talk(voice_ms=500, marks=False).start(greeted=False)
    grace = talk.limits.mark_grace_ms

    talk.run(500 + grace - 1)
    assert talk.all(RecordTurn) == []
    talk.run(2)

    assert [e.heard for e in talk.all(RecordTurn)] == [""]


def test_a_read_back_is_confirmed_when_all_but_its_last_syllables_was_played() -> None:
    playout = playing(2_000, tag="nonce")
    send_until(playout, 3_000)

    assert playout.mark_played("g0:t1:s1:1200")[1] == []
    heard = 2_000 - HEARD_TAIL_MS
    assert playout.mark_played(f"g0:t1:s1:{heard}")[1] == [ConfirmHeard("nonce")]
    assert playout.mark_played("g0:t1:s1:2000e")[1] == []


def test_a_short_read_back_needs_two_thirds() -> None:
    playout = playing(600, tag="nonce")
    send_until(playout, 3_000)

    assert playout.mark_played("g0:t1:s1:200")[1] == []
    assert playout.mark_played("g0:t1:s1:400")[1] == [ConfirmHeard("nonce")]


def test_a_read_back_whose_voice_broke_off_is_never_confirmed() -> None:
    playout = Playout(Limits())
    number = playout.say(1, WORDS, tag="nonce").number
    playout.audio(number, sound(400), last=False, now=0)
    playout.failed(number)
    (name,) = [n for n in marks(playout.send_due(0) + playout.send_due(300)) if n.endswith("e")]

    speech, effects = playout.mark_played(name)

    assert effects == []
    assert speech is not None
    assert speech.heard_text() == ""


# -- rule 3: stopping --------------------------------------------------------------------------------


def test_a_pause_clears_the_far_end_and_goes_on_from_what_was_heard() -> None:
    playout = playing(1_000)
    first = frames([e for _, e in send_until(playout, 500)])
    playout.mark_played("g0:t1:s1:400")

    assert playout.pause(500) == [ClearPlayback()]
    assert playout.next_send(520) is None
    playout.resume()
    again = frames([e for _, e in send_until(playout, 5_000)])

    assert len(first) == (500 + LEAD) // FRAME_MS + 1
    assert len(again) == (1_000 - 400) // FRAME_MS


def test_a_pause_brings_back_a_sentence_that_only_waited_for_its_mark() -> None:
    playout = playing(300)
    send_until(playout, 200)
    assert playout.next_send(200) is None

    playout.pause(200)
    playout.resume()

    assert len(frames([e for _, e in send_until(playout, 2_000)])) == 300 // FRAME_MS


def test_a_pause_in_silence_keeps_the_next_sentence_back() -> None:
    playout = Playout(Limits())

    assert playout.pause(0) == []
    number = playout.say(1, WORDS).number
    playout.audio(number, sound(200), last=True, now=0)
    assert playout.next_send(0) is None
    playout.resume()
    assert playout.next_send(0) == 0


def test_cancelling_drops_everything_and_clears_only_what_was_sent() -> None:
    unsent = playing(400)
    assert unsent.cancel(0)[1] == []
    sent = playing(400)
    sent.send_due(0)

    dropped, effects = sent.cancel(100)

    assert [s.number for s in dropped] == [1]
    assert effects == [ClearPlayback()]
    assert not sent.busy
    assert sent.next_send(200) is None


# -- a voice that fails, in a call -------------------------------------------------------------------


def answer(talk: Talk, *sentences: str) -> None:
    talk.tell(FinalHeard("hello"))
    turn = talk.turns[-1].turn
    for sentence in sentences:
        talk.tell(ReplyDelta(turn, Spoken(sentence)))
    talk.tell(ReplyEnded(turn))


def only_bank() -> Talk:
    """The call's own sentences are made at once, the agent's never."""
    talk = Talk(voice_ms=None).start(greeted=False)
    talk.tell(AudioReady(1, sound(200), last=True))
    talk.run(1_000)
    return talk


def test_a_voice_without_first_audio_is_given_up_and_an_apology_said() -> None:
    talk = only_bank()
    answer(talk, "first")
    talk.run(talk.limits.audio_timeout_ms)

    assert talk.all(CancelSpeech) == [CancelSpeech(2)]
    assert talk.spoken()[-1] == "sorry"


def test_a_sentence_that_fails_while_others_wait_is_not_followed_by_silence() -> None:
    talk = only_bank()
    answer(talk, "first", "second", "third")

    talk.run(talk.limits.audio_timeout_ms)

    assert talk.all(CancelSpeech) == [CancelSpeech(2)]
    filler = next(e.speech for e in talk.all(Speak) if e.spoken.text == "still looking")
    talk.tell(AudioReady(filler, sound(300), last=True))
    assert talk.times(SendFrame)[-1] == talk.now


def test_a_failed_apology_is_not_followed_by_another() -> None:
    talk = only_bank()
    answer(talk, "first")
    talk.tell(SpeechFailed(2, "down"))
    apology = talk.all(Speak)[-1].speech

    talk.tell(SpeechFailed(apology, "down"))
    talk.tell(TimePassed())

    assert talk.spoken().count("sorry") == 1


def test_what_there_is_of_a_sentence_is_played() -> None:
    talk = only_bank()
    answer(talk, "first")
    talk.tell(AudioReady(2, sound(100), last=False))
    talk.tell(SpeechFailed(2, "down"))
    talk.run(1_000)

    assert "sorry" not in talk.spoken()
    assert [e.heard for e in talk.all(RecordTurn)][-1] == ""


def test_a_pressed_key_stops_the_sound_at_once() -> None:
    talk = Talk(voice_ms=5_000).start(greeted=False)
    talk.run(300)

    effects = talk.tell(KeyPressed("1"))

    assert ClearPlayback() in effects
    sent = len(talk.all(SendFrame))
    talk.run(400)
    assert len(talk.all(SendFrame)) == sent
