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
    short_voice_ms: Ms = 800
    """A shorter voice without words was perhaps a cough, or somebody else's."""
    no_words_short_ms: Ms = 2_200
    """Then the caller has this long to say it again before we ask; longer would be dead air if it was a "yes"."""
    unvoiced_words_ms: Ms = 700
    """Words came although the VAD heard no voice: this long without a new one ends the utterance."""
    late_words_ms: Ms = 5_000
    """Words that come without a new voice this soon after an utterance may be its own, late or again."""
    commit_pause_ms: Ms = 500
    """Quiet that ends the turn of a caller who speaks without pauses; the STT's final is rarely there before."""
    commit_pause_most_ms: Ms = 700
    """The same of one who makes long pauses: the wait follows the caller's own pauses between the two."""
    open_pause_ms: Ms = 900
    """After words that want others ("on", "and", "uh"): longer, and the caller would think that we are gone."""
    digits_pause_ms: Ms = 1_200
    """Within a number: people look it up, and say it in groups."""
    stable_ms: Ms = 60
    """Words unchanged for so long may be answered ahead; a partial is still being written before that."""
    drafts_max: int = 3
    """Replies begun ahead of the end of one utterance: a bound on what a halting caller costs."""
    barge_confirm_ms: Ms = 700
    """Paused for a voice that gave no words for so long: playout resumes, although the voice may go on."""
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
