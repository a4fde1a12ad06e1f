"""The figures of a run: Q1-Q10, Q16 and Q17 of reliability.md 4.2, with their counts and targets."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb
from statistics import median

from dalpak.simulator.evals import plan
from dalpak.simulator.evals.conversation import TRIALS, Conversation
from dalpak.simulator.evals.grade import FIRST_ANSWER_WORDS

CORRECTIONS = frozenset(
    """slip_in_a_sentence change_before_read_back change_after_read_back plain_no
    service_at_read_back""".split()
)
"""Families in which callers correct themselves or the front desk (Q10)."""


@dataclass(frozen=True, slots=True)
class Figure:
    id: str
    name: str
    value: str
    target: str
    ok: bool | None
    """None: told, without a target at this rate of noise."""


@dataclass(slots=True)
class Report:
    """One rate of misheard words."""

    noise: float
    done: list[Conversation] = field(default_factory=list)

    def add(self, conversation: Conversation) -> None:
        self.done.append(conversation)

    # -- figures -------------------------------------------------------------------------------

    def count(self, what: str) -> int:
        return sum(bool(getattr(c.grade, what)) for c in self.done)

    def total(self, what: str) -> int:
        return sum(getattr(c.grade, what) for c in self.done)

    @property
    def success(self) -> float:
        return self.count("success") / max(1, len(self.done))

    def pass_k(self, k: int) -> float:
        """tau2's pass^k: the chance that k conversations of one task all succeed."""
        tasks: dict[tuple[str, int], list[bool]] = defaultdict(list)
        for c in self.done:
            tasks[c.job.family, c.job.task].append(c.grade.success)
        whole = [done for done in tasks.values() if len(done) >= k]
        return sum(comb(sum(done), k) / comb(len(done), k) for done in whole) / max(1, len(whole))

    @property
    def by_family(self) -> dict[str, tuple[int, int]]:
        """(succeeded, had)."""
        found: dict[str, tuple[int, int]] = {}
        for c in self.done:
            won, had = found.get(c.job.family, (0, 0))
            found[c.job.family] = (won + c.grade.success, had + 1)
        return found

    def _corrected(self) -> tuple[int, int]:
        them = [found for name, found in self.by_family.items() if name in CORRECTIONS]
        return sum(won for won, _ in them), sum(had for _, had in them)

    def turns(self) -> list[int]:
        found = [c.grade.turns_to_booking for c in self.done]
        return sorted(n for n in found if n is not None)

    def figures(self) -> list[Figure]:
        return [*self._outcome(), *self._safety(), *self._facts(), *self._manner()]

    def _if_clean(self, ok: bool) -> bool | None:
        return ok if self.noise == 0 else None

    def _outcome(self) -> list[Figure]:
        least = plan.SUCCESS.get(self.noise)
        pass_4 = self.pass_k(TRIALS)
        return [
            Figure(
                "Q2" if self.noise else "Q1",
                "task success (final database state)",
                _share(self.count("success"), len(self.done)),
                f">= {least:.2f}" if least else "",
                self.success >= least if least else None,
            ),
            Figure(
                "Q3",
                f"pass^{TRIALS}",
                f"{pass_4:.3f}",
                f">= {plan.PASS_4}",
                self._if_clean(pass_4 >= plan.PASS_4),
            ),
        ]

    def _safety(self) -> list[Figure]:
        found = []
        for key, name, what in (
            ("Q4", "false bookings", "false_booking"),
            ("Q5", "wrong slots", "wrong_slot"),
            ("Q6", "false spoken confirmations", "false_confirmation"),
            ("Q7", "rows that the rules forbid", "violation"),
        ):
            bad = self.count(what)
            told = f"{bad} of {len(self.done)}"
            found.append(Figure(key, name, told, "0", bad == 0))
        return found

    def _facts(self) -> list[Figure]:
        asked, two = self.total("off_grid_asked"), self.total("off_grid_answered")
        keyed, right = self.total("keyed"), self.total("keyed_right")
        won, had = self._corrected()
        corrected = won >= plan.SELF_CORRECTION * had
        return [
            Figure(
                "Q8", "off-grid: two valid suggestions", _share(two, asked), "all", two == asked
            ),
            Figure("Q9", "keyed phone exact", _share(right, keyed), "all", right == keyed),
            Figure(
                "Q10",
                "self-correction handled",
                _share(won, had),
                f">= {plan.SELF_CORRECTION}",
                self._if_clean(corrected),
            ),
        ]

    def _manner(self) -> list[Figure]:
        turns = self.turns() or [0]
        middle, p90 = median(turns), turns[min(len(turns) - 1, int(len(turns) * 0.9))]
        again, replies = self.total("reprompts"), self.total("replies")
        long, first = self.total("first_too_long"), self.total("first_answers")
        wrong, words = self.total("word_errors"), self.total("words")
        return [
            Figure(
                "Q16",
                "turns to a booking, median / p90",
                f"{middle:.0f} / {p90}",
                f"<= {plan.TURNS_MEDIAN} / {plan.TURNS_P90}",
                self._if_clean(middle <= plan.TURNS_MEDIAN and p90 <= plan.TURNS_P90),
            ),
            Figure(
                "Q17",
                "re-prompts per reply",
                _share(again, replies),
                f"<= {plan.REPROMPT_RATE:.2f}",
                self._if_clean(again <= plan.REPROMPT_RATE * replies),
            ),
            Figure(
                "D4",
                f"first answers over {FIRST_ANSWER_WORDS} words",
                f"{long} of {first}",
                "0",
                long == 0,
            ),
            Figure("", "word error rate", _share(wrong, words), "", None),
        ]

    @property
    def meets_targets(self) -> bool:
        return all(figure.ok is not False for figure in self.figures())


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.4f})" if whole else "none"


def tell(reports: Sequence[Report], *, failures: int = 0) -> str:
    """The table for people, the families that lose most, and failed conversations to replay."""
    out: list[str] = []
    for report in reports:
        out.append(f"\n{len(report.done)} conversations, {report.noise:.0%} of words misheard\n")
        for f in report.figures():
            mark = {True: "ok", False: "MISSED", None: ""}[f.ok]
            out.append(f"  {f.id:<4}{f.name:<38}{f.value:<26}{f.target:<10}{mark}\n")
        lost = {k: v for k, v in report.by_family.items() if v[0] < v[1]}
        for name, (won, had) in sorted(lost.items(), key=lambda x: x[1][0] / x[1][1]):
            out.append(f"      {name:<28}{won} of {had}\n")
        failed = [c for c in report.done if not c.grade.success]
        failed.sort(key=lambda c: (c.job.family, c.job.number))
        for c in failed[:failures]:
            why = "; ".join(c.grade.problems)
            out.append(
                f"      --family {c.job.family} --seed {c.job.number} --noise {c.job.noise} --show"
                f"   {why}\n"
            )
    return "".join(out)


def as_json(reports: Sequence[Report]) -> str:
    """The figures for machines."""
    data = [
        {
            "noise": report.noise,
            "conversations": len(report.done),
            "success": report.success,
            "pass": {f"{k}": report.pass_k(k) for k in (1, 2, TRIALS)},
            "figures": [
                {"id": f.id, "name": f.name, "value": f.value, "target": f.target, "ok": f.ok}
                for f in report.figures()
            ],
            "families": {
                name: {"succeeded": won, "conversations": had}
                for name, (won, had) in report.by_family.items()
            },
            "failed": [
                {"family": c.job.family, "seed": c.job.number, "problems": c.grade.problems}
                for c in report.done
                if not c.grade.success
            ],
            "ok": report.meets_targets,
        }
        for report in reports
    ]
    return json.dumps({"ok": all(r.meets_targets for r in reports), "runs": data}, indent=2) + "\n"
