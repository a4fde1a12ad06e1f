"""Every limit of a live call, named with its unit.

Defaults are those of SPEC D1; the composition root maps settings here.
"""

from dataclasses import dataclass

Ms = int
"""Milliseconds since the call began."""

FRAME_MS = 20
FRAME_BYTES = 160
"""20 ms of 8 kHz mono mu-law."""

MARK_EVERY_MS = 200
"""How finely we know what was heard; Twilio answers a mark when everything before it was played."""

HEARD_TAIL_MS = 600
"""A read-back counts as heard when at most this much of its end is unconfirmed: a "yes" overlaps the last syllables."""

STEPS_AT_ONE_INSTANT = 64
"""More due deadlines than this at one instant means that one of them does not move: a bug, named at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    lead_ms: Ms = 200
    """Audio sent ahead of playback."""
    buffer_ms: Ms = 30_000
    """Audio accepted for sending; past it the producer waits."""
    speeches_ahead: int = 2
    """Sentences asked of TTS before the one being played ends."""
    onset_ms: Ms = 60
    """Voice needed before it may take the floor; three frames, shorter is a click."""
    hangover_ms: Ms = 120
    """VAD_HANGOVER_MS: quiet after which the STT is asked for its final."""
    min_utterance_ms: Ms = 200
    """MIN_UTT_SEC: a shorter burst without words is noise."""
    stt_timeout_ms: Ms = 240
    """STT_TIMEOUT_MS: wait for the final after asking; then the last partial counts."""
    no_words_ms: Ms = 1_500
    """Voice ended and STT never gave a word: the caller is asked again after this."""
    unvoiced_words_ms: Ms = 700
    """Words came although the VAD heard no voice: this long without a new one ends the utterance."""
    late_words_ms: Ms = 5_000
    """Words that come without a new voice this soon after an utterance may be its own, late or again."""
    commit_pause_ms: Ms = 300
    """Quiet that ends the caller's turn."""
    barge_confirm_ms: Ms = 700
    """Paused for a voice that turned out to be no words: playout resumes."""
    filler_ms: Ms = 900
    """Nothing to play this long after the caller's last word: a filler from the bank."""
    refill_ms: Ms = 1_800
    """Quiet between two fillers while a reply is still awaited."""
    reply_timeout_ms: Ms = 2_500
    """From the caller's last word to the first useful output of the agent."""
    stall_timeout_ms: Ms = 2_500
    """Between two outputs of one reply, while nothing is left to play."""
    write_timeout_ms: Ms = 8_000
    """A tool that writes is never cut by the watchdogs before this."""
    audio_timeout_ms: Ms = 1_000
    """From asking TTS to its first audio."""
    mark_grace_ms: Ms = 1_500
    """A mark this late will not come; state moves on by the clock (the words do not count as heard)."""
    idle_prompt_ms: Ms = 6_000
    idle_goodbye_ms: Ms = 20_000
    key_reminder_ms: Ms = 7_000
    """Between two digits: a reminder, never a flush."""
    max_digits: int = 15
    keys_ahead: int = 24
    """Keys kept while the agent thinks: a caller in a hurry types ahead."""
    key_deaf_ms: Ms = 300
    """VAD and STT are ignored this long after a key: its tone may be in the audio."""
    max_call_ms: Ms = 900_000
    warning_ms: Ms = 780_000
    closing_ms: Ms = 8_000
    """Longest wait for the goodbye to be heard."""
    failures_max: int = 3
    """Replies in a row that may fail before the caller is sent off with an apology and a promise to call back."""
