"""A simulated caller: listens, speaks, keys, interrupts, hums, is silent, and hangs up whenever it pleases.

What it does is drawn from the call's seed. It knows nothing of the core: it hears the far end's loudspeaker, and what
it does reaches the call as voice, words and keys.
"""

import random
from collections.abc import Callable
from functools import partial

from dalpak.call.inputs import CallerHungUp, FrameHeard, KeyPressed
from dalpak.call.limits import FRAME_MS, Ms
from dalpak.language.base import Completeness
from dalpak.simulator.faults import Fault
from dalpak.simulator.providers import Ears
from dalpak.simulator.scene import Scene

HESITATIONS = ("em", "er")
"""Backchannels that answer no question."""
BACKCHANNELS = ("mm", "aha", "yes", *HESITATIONS)
PATIENCE_MS: Ms = 12_000
ENDINGS = ("", "+", "#")
SILENT_FRAMES_AFTER = 6
"""Frames without voice that follow a burst even where silence is not simulated frame by frame."""


def is_backchannel(text: str) -> bool:
    words = text.split()
    return bool(words) and all(word in BACKCHANNELS for word in words)


def completeness(text: str) -> Completeness:
    """A word that ends in + wants another one; one that ends in # is a digit of a number that goes on."""
    if text and all(word in HESITATIONS for word in text.split()):
        return Completeness.HESITATION
    if text.endswith("+"):
        return Completeness.OPEN
    return Completeness.DIGITS if text.endswith("#") else Completeness.COMPLETE


class Caller:
    def __init__(
        self, scene: Scene, rng: random.Random, ears: Ears, *, typed: bool, has_ears: bool
    ) -> None:
        self._scene, self._rng, self._ears = scene, rng, ears
        self._typed, self._keys_only = typed, not has_ears or rng.random() < 0.1
        self.acts_left = rng.randrange(0, 9)
        self.said = 0
        self.gone = False
        self.voice_until: Ms = 0
        """Until when the caller makes a sound."""
        self.spoke_words: Callable[[], None] = lambda: None
        """Told when an utterance of real words, loud enough to be heard, is over."""
        self._busy_until: Ms = 0
        self._last_act: Ms = 0
        scene.after(rng.randrange(1_000, 150_000), self._hang_up)
        scene.after(PATIENCE_MS, self._grow_impatient)
        if rng.random() < 0.12:
            self._every_frame()

    # -- listening -----------------------------------------------------------------------------------

    def hears_sound(self) -> None:
        """The other side began to speak: perhaps speak over it."""
        if self._rng.random() < 0.3:
            self._scene.after(self._rng.randrange(100, 4_000), self._interrupt)

    def hears_end(self) -> None:
        """The other side has finished: usually answer."""
        if self._rng.random() < 0.92:
            self._scene.after(self._rng.randrange(50, 1_800), self._answer)

    def _interrupt(self) -> None:
        self._act(
            (self._say_words, 4),
            (self._hum, 4),
            (self._noise, 2),
            (self._click, 1),
            (self._one_key, 1),
        )

    def _answer(self) -> None:
        if self.acts_left <= 0:
            if self._rng.random() < 0.7:
                self._scene.after(self._rng.randrange(200, 2_000), self._hang_up)
            return
        self.acts_left -= 1
        if self._keys_only:
            self._act((self._one_key, 3), (self._number, 3), (self._odd_keys, 1))
        else:
            self._act(
                (self._say_words, 12), (self._say_in_two, 4), (self._hum, 2), (self._noise, 1),
                (self._click, 1), (self._whisper, 1), (self._one_key, 2), (self._number, 2), (self._odd_keys, 1),
            )  # fmt: skip

    def _act(self, *choices: tuple[Callable[[], None], int]) -> None:
        if self.gone or self._scene.now < self._busy_until:
            return
        self._last_act = self._scene.now
        acts, weights = zip(*choices, strict=True)
        self._rng.choices(acts, weights)[0]()

    def _grow_impatient(self) -> None:
        if self.gone:
            return
        if self._scene.now - self._last_act > PATIENCE_MS and self._rng.random() < 0.3:
            self._answer()
        self._scene.after(PATIENCE_MS, self._grow_impatient)

    def _hang_up(self) -> None:
        if not self.gone:
            self.gone = True
            self._scene.tell(CallerHungUp())

    # -- speaking --------------------------------------------------------------------------------------

    def _words(self, many: int) -> list[str]:
        self.said += 1
        words = [f"u{self.said}.{k}" for k in range(many)]
        words[-1] += self._rng.choices(ENDINGS, (16, 3, 1))[0]
        return words

    def _say_words(self) -> None:
        words = self._words(self._rng.randrange(1, 9))
        if self._typed:
            self._ears.typed(" ".join(words))
            self.spoke_words()
        else:
            self._voice(words, len(words) * self._rng.randrange(240, 420))

    def _say_in_two(self) -> None:
        """A pause in the middle of a sentence."""
        self._say_words()
        self._scene.after(
            self._busy_until - self._scene.now + self._rng.randrange(100, 900), self._say_words
        )

    def _hum(self) -> None:
        words = [self._rng.choice(BACKCHANNELS) for _ in range(self._rng.randrange(1, 3))]
        if self._typed:
            self._ears.typed(" ".join(words))
        else:
            self._voice(words, len(words) * 300)

    def _noise(self) -> None:
        if not self._typed:
            self._voice([], self._rng.randrange(220, 3_000))

    def _click(self) -> None:
        if not self._typed:
            self._voice([], self._rng.randrange(20, 180))

    def _whisper(self) -> None:
        """Words that the VAD does not hear."""
        if self._typed:
            return
        for k, word in enumerate(self._words(self._rng.randrange(1, 5))):
            self._scene.after(k * 300, partial(self._ears.word, word, voiced=False))
        self._scene.after(1_500, self._ears.voice_ended)
        self._busy_until = self._scene.now + 1_500

    def _voice(self, words: list[str], voiced_ms: Ms) -> None:
        start = self._scene.now
        self._ears.voice_began()
        if self._scene.faults.hit(Fault.AUDIO_STOPS):
            voiced_ms = self._rng.randrange(0, voiced_ms + 1)
            words = words[: len(words) // 2]
        frames = voiced_ms // FRAME_MS
        self.voice_until = self._busy_until = start + frames * FRAME_MS
        for k in range(frames + SILENT_FRAMES_AFTER):
            self._scene.after((k + 1) * FRAME_MS, partial(self._scene.tell, FrameHeard(k < frames)))
        for k, word in enumerate(words):
            self._scene.after((k + 1) * voiced_ms // len(words), partial(self._ears.word, word))
        self._scene.after(voiced_ms + 1, self._ears.voice_ended)
        if words and not is_backchannel(" ".join(words)) and voiced_ms >= 240:
            self._scene.after(frames * FRAME_MS + 1, self._finished)

    def _finished(self) -> None:
        self.spoke_words()

    def _every_frame(self) -> None:
        """Silence frame by frame, as a telephone sends it."""
        if not self.gone:
            if self._scene.now >= self.voice_until + SILENT_FRAMES_AFTER * FRAME_MS:
                self._scene.tell(FrameHeard(False))
            self._scene.after(FRAME_MS, self._every_frame)

    # -- keys ------------------------------------------------------------------------------------------

    def _press(self, keys: str) -> None:
        at = 0
        for key in keys:
            self._scene.after(at, partial(self._scene.tell, KeyPressed(key)))
            at += self._rng.randrange(60, 600)
            if self._rng.random() < 0.03:
                at += self._rng.randrange(3_000, 9_000)
        self._busy_until = self._scene.now + at

    def _one_key(self) -> None:
        self._press(self._rng.choice("0123456789*#"))

    def _number(self) -> None:
        digits = "".join(
            self._rng.choice("0123456789") for _ in range(self._rng.choice((4, 9, 10, 10, 10)))
        )
        if self._rng.random() < 0.2:
            digits = f"{digits[:3]}*{digits}"
        self._press(f"{digits}#")

    def _odd_keys(self) -> None:
        self._press(
            self._rng.choice(("#", "***", "ABCD", "1" * 40 + "#", "0#0#", "*#", "12", "##"))
        )
