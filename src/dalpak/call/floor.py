"""The floor: who may speak. Hears voice and words; says when the caller took the floor, and when their turn is over.

Rule 1: time closes an utterance, not frames: a caller whose audio stops is not "speaking" for ever.
Rule 2: a voice over ours pauses us at once; only words that are no backchannel take the floor.
Rule 3: nothing the caller said is lost: words of a resumed utterance are appended to those not yet committed.
Rule 4: nothing counts twice: words that come late or again, with no new voice behind them, add only what is new.
Rule 5: how long quiet must last to end a turn follows the caller's own pauses and what was said last (`pauses.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from dalpak.call.limits import FRAME_MS, Limits, Ms
from dalpak.call.pauses import Pauses
from dalpak.call.words import KnownWords
from dalpak.language.base import Completeness

GAP_MS: Ms = 3 * FRAME_MS
"""Voiced frames further apart than this are two voices: two frames of a hoarse voice may be missed."""


@dataclass(slots=True)
class Utterance:
    """What the caller is saying or has said and nobody has answered yet."""

    began_at: Ms
    voiced_ms: Ms = 0
    last_voiced_at: Ms = 0
    finals: list[str] = field(default_factory=list)
    partial: str = ""
    finalize_asked_at: Ms | None = None
    words_at: Ms | None = None
    """When the last final came (or the last partial was accepted in its place)."""
    first_partial_at: Ms | None = None
    changed_at: Ms = 0
    """When its words last changed."""
    completeness: Completeness = Completeness.COMPLETE
    """How finished its words sound; the language says so."""
    paused: bool = False
    """The caller fell silent and went on."""
    drafts: int = 0
    """Replies begun ahead of its end."""

    @property
    def text(self) -> str:
        return " ".join([*self.finals, self.partial]).strip()


class Floor:
    def __init__(self, limits: Limits, is_backchannel: Callable[[str], bool]) -> None:
        self._limits = limits
        self.is_backchannel = is_backchannel
        self.utterance: Utterance | None = None
        self.last_word_at: Ms = 0
        """The caller's last voiced frame, word or key: every watchdog is anchored here."""
        self._run_ms: Ms = 0
        self._last_voiced_at: Ms = -10_000
        self._deaf_until: Ms = 0
        self._words = KnownWords(limits.late_words_ms)
        self.pauses = Pauses(limits)

    # -- hearing -------------------------------------------------------------------------------------

    def frame(self, voiced: bool, now: Ms) -> bool:
        """One 20 ms verdict. True at the moment a voice has lasted long enough to be one (onset), and again when it
        goes on after its utterance was taken."""
        if not voiced or self.deaf(now):
            return False
        if now - self._last_voiced_at > GAP_MS:
            self._run_ms = 0
        self._last_voiced_at = now
        self._run_ms += FRAME_MS
        if self.utterance is not None:
            self._continue(self.utterance, now)
        if self._run_ms < self._limits.onset_ms:
            return False
        if self.utterance is None:
            self.utterance = Utterance(now - self._run_ms, self._run_ms, now)
            self.last_word_at = now
            return True
        return self._run_ms - FRAME_MS < self._limits.onset_ms

    def _continue(self, utterance: Utterance, now: Ms) -> None:
        quiet = now - FRAME_MS - utterance.last_voiced_at
        if utterance.voiced_ms and quiet >= self._limits.hangover_ms:
            self.pauses.observe(quiet)
            utterance.paused = True
        utterance.voiced_ms += FRAME_MS
        utterance.last_voiced_at = now
        utterance.finalize_asked_at = None
        utterance.words_at = None
        self.last_word_at = now

    def partial(self, text: str, now: Ms) -> bool:
        """Words that may change. False: they are known already."""
        open_still = self.utterance is not None and bool(self.utterance.finals)
        voiced = self._voiced_since()
        text = self._words.new_in_partial(text, now, voiced_since=voiced, open_still=open_still)
        if not text:
            return False
        utterance = self._utterance(now)
        before = utterance.text
        utterance.partial = text
        utterance.words_at = None
        if utterance.text != before:
            utterance.changed_at = now
        if not utterance.voiced_ms:
            utterance.last_voiced_at = self.last_word_at = now
        if utterance.first_partial_at is None:
            utterance.first_partial_at = now
        return True

    def final(self, text: str, now: Ms) -> bool:
        """Words that stay. Without any voice before them (typed text) they end the utterance at once.

        False: they are known already."""
        seen = self.utterance is not None
        text = self._words.new_in_final(text, now, voiced_since=self._voiced_since())
        if not text:
            return False
        typed = self.utterance is None or self.utterance.voiced_ms == 0
        utterance = self._utterance(now)
        before = utterance.text
        utterance.partial = ""
        utterance.finals.append(text)
        utterance.words_at = now
        if utterance.text != before:
            utterance.changed_at = now
        if typed:
            utterance.last_voiced_at = now - self._limits.commit_pause_ms
            self.last_word_at = now
        if not seen and self._last_voiced_at < 0:
            self._words.forget()
        return True

    def _voiced_since(self) -> bool:
        """A voice since the last words counted."""
        u = self.utterance
        return u is not None and u.voiced_ms > 0 and u.last_voiced_at > self._words.counted_at

    def _utterance(self, now: Ms) -> Utterance:
        if self.utterance is None:
            self.utterance = Utterance(now, last_voiced_at=now)
        return self.utterance

    def voice_lasts(self, now: Ms) -> bool:
        """The caller's voice is to be heard at this moment."""
        return (
            self._run_ms >= self._limits.onset_ms
            and now - self._last_voiced_at <= self._limits.hangover_ms
        )

    def deafen(self, now: Ms) -> None:
        """A key was pressed: its tone may be in the audio. A voice not yet in words is taken for it."""
        self._deaf_until = now + self._limits.key_deaf_ms
        self._run_ms = 0
        self.last_word_at = now
        if self.utterance is not None and not self.utterance.text:
            self.utterance = None

    def deaf(self, now: Ms) -> bool:
        """The tone of a key may be in the audio."""
        return now < self._deaf_until

    # -- time ------------------------------------------------------------------------------------------

    @property
    def caller_speaking(self) -> bool:
        """Somebody's utterance is open; its end is decided by the deadlines below."""
        return self.utterance is not None

    def finalize_at(self) -> Ms | None:
        """When the STT is to be asked for its final."""
        u = self.utterance
        if (
            u is None
            or u.finalize_asked_at is not None
            or u.words_at is not None
            or not u.voiced_ms
        ):
            return None
        return u.last_voiced_at + self._limits.hangover_ms

    def finalize_asked(self, now: Ms) -> None:
        if self.utterance is not None:
            self.utterance.finalize_asked_at = now

    def words_overdue_at(self) -> Ms | None:
        """When the last partial must do, or, without any word, when the utterance is given up."""
        u = self.utterance
        if u is None or u.words_at is not None:
            return None
        if u.text and not u.voiced_ms:
            return u.last_voiced_at + self._limits.unvoiced_words_ms
        if u.text:
            asked = u.finalize_asked_at
            return None if asked is None else asked + self._limits.stt_timeout_ms
        if u.voiced_ms < self._limits.min_utterance_ms:
            return u.last_voiced_at + self._limits.hangover_ms + self._limits.stt_timeout_ms
        short = u.voiced_ms < self._limits.short_voice_ms
        limits = self._limits
        return u.last_voiced_at + (limits.no_words_short_ms if short else limits.no_words_ms)

    def accept_words(self, now: Ms) -> None:
        """STT_TIMEOUT: what there is counts as the final."""
        u = self.utterance
        if u is not None and u.text:
            u.finals = [u.text]
            u.partial = ""
            u.words_at = now
            self._words.accept(now)

    def commit_at(self) -> Ms | None:
        """When the caller's turn is over."""
        u = self.utterance
        if u is None or u.words_at is None or not u.text:
            return None
        # Words without a voice are typed, or whispered: there are no pauses to go by.
        wait = self.pauses.wait(u.completeness) if u.voiced_ms else self._limits.commit_pause_ms
        return max(u.words_at, u.last_voiced_at + wait)

    def settled_at(self) -> Ms | None:
        """When the words are likely to be all: then they may be answered ahead. Only for a voice that has paused."""
        u = self.utterance
        if (
            u is None
            or not u.text
            or u.voiced_ms < self._limits.min_utterance_ms
            or u.completeness is not Completeness.COMPLETE
        ):
            return None
        quiet = u.last_voiced_at + self._limits.hangover_ms
        return max(quiet, u.changed_at + (self._limits.stable_ms if u.words_at is None else 0))

    @property
    def completeness(self) -> Completeness:
        """How finished the open utterance sounds."""
        return self.utterance.completeness if self.utterance else Completeness.COMPLETE

    # -- decisions ---------------------------------------------------------------------------------------

    def takes_floor(self) -> bool:
        """The words so far are more than a backchannel. Typed words always are."""
        u = self.utterance
        if u is None or not u.text:
            return False
        return (bool(u.finals) and not u.voiced_ms) or not self.is_backchannel(u.text)

    def take(self) -> Utterance | None:
        """The utterance is answered (or dropped): hand it over and start afresh."""
        u, self.utterance = self.utterance, None
        return u

    def close(self, now: Ms) -> None:
        """Nothing more will be heard: what there is counts, a voice without words is given up."""
        if self.utterance is not None and self.utterance.text:
            self.accept_words(now)
        else:
            self.utterance = None

    def is_noise(self) -> bool:
        """An open utterance without words that was too short to be any."""
        u = self.utterance
        return u is not None and not u.text and u.voiced_ms < self._limits.min_utterance_ms
