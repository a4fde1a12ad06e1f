"""What the caller of one call has said about being written to, in words or keys of their own.

Pure, and part of the checkpoint. Only the desk may tell it what was heard and said, as with the
booking gate: an agent can neither give a consent nor take one back. What is written is in
consent_to_messages.py.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from dalpak.domain.follow_up import ConsentAnswer
from dalpak.language.base import Answer
from dalpak.language.message_wishes import MessageWish

ASKS_MAX = 2
"""Questions to one number in a call; without a clear answer to them nothing is on record."""


@dataclass(frozen=True, slots=True)
class Question:
    tag: str
    phone: str
    wording: str
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """An answer, and the words it is one to. `phone` is the number that was asked about; None for
    what the caller said unasked, which holds for every number that is theirs."""

    answer: ConsentAnswer
    wording: str
    phone: str | None = None


@dataclass
class MessageAnswers:
    question: Question | None = None
    said: Statement | None = None
    """By the caller's last words, or kept until it can be written."""
    kept: bool = False
    """`said` was to be written, and there was no number yet, or no database."""
    asks: dict[str, int] = field(default_factory=dict)
    promised: list[str] = field(default_factory=list)
    """Numbers that a confirmation was announced to."""

    @property
    def is_asking(self) -> bool:
        """What the caller says next answers this question and no other one."""
        return self.question is not None and self.question.heard

    def may_ask(self, phone: str) -> bool:
        return self.asks.get(phone, 0) < ASKS_MAX

    def ask(self, tag: str, phone: str, wording: str) -> None:
        self.question = Question(tag, phone, wording)
        self.asks[phone] = self.asks.get(phone, 0) + 1

    def heard(self, tag: str) -> None:
        """The mark behind the question was played."""
        if self.question is not None and self.question.tag == tag:
            self.question = replace(self.question, heard=True)

    def caller_said(self, answer: Answer | None, wish: MessageWish | None) -> None:
        """Words or a key of one turn: `answer` to the question, or a wish of the caller's own."""
        if not self.kept:
            self.said = None
        asked = self.question if self.is_asking else None
        if asked is not None:
            self.question = None
        if wish is not None:
            given = ConsentAnswer.GRANTED if wish.wanted else ConsentAnswer.DECLINED
            self.said, self.kept = Statement(given, wish.words), False
        elif asked is not None and answer in _MEANS:
            self.said = Statement(_MEANS[answer], asked.wording, asked.phone)
            self.kept = False

    def written(self) -> None:
        self.said, self.kept = None, False

    def to_json(self) -> dict[str, object]:
        """JSON values only; `from_json` gives an equal one."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Of what `to_json` wrote; raises on anything else."""
        question, said = data["question"], data["said"]
        return cls(
            Question(**question) if question else None,
            Statement(**{**said, "answer": ConsentAnswer(said["answer"])}) if said else None,
            data["kept"],
            dict(data["asks"]),
            list(data["promised"]),
        )


_MEANS = {Answer.AFFIRM: ConsentAnswer.GRANTED, Answer.DENY: ConsentAnswer.DECLINED}
