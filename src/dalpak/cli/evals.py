"""`make evals`: thousands of simulated callers against the real front desk; the table, or one of them.

    python -m dalpak.cli.evals                                   3,000 at each rate of misheard words
    python -m dalpak.cli.evals --family off_grid --seed 17 --noise 0.1 --show

What callers want, what they say and how they are graded is in `simulator/evals`.
"""

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from dalpak.cli.common import settings_for
from dalpak.cli.evals_desk import RealDesk, read_model
from dalpak.clock import SystemClock, VirtualClock, run_virtual
from dalpak.extensions import build_extensions
from dalpak.logs import configure_logging
from dalpak.simulator.evals.conversation import Conversation, Job, converse
from dalpak.simulator.evals.families_talk import FAMILIES
from dalpak.simulator.evals.plan import CONVERSATIONS, NOISES, SEED, jobs_of
from dalpak.simulator.evals.report import Report, as_json, tell

CHUNK = 50
"""Conversations of one database file and one task of the pool."""
PARALLEL_FROM = 100
"""Fewer conversations than this are not worth a second process."""


def have(jobs: Sequence[Job]) -> list[Conversation]:
    """Have these conversations, one after the other, on a database of their own."""
    configure_logging(debug=False, quiet=True)
    with tempfile.TemporaryDirectory(prefix="dalpak-evals-") as folder:
        return run_virtual(_have(jobs, Path(folder)))


async def _have(jobs: Sequence[Job], folder: Path) -> list[Conversation]:
    settings = settings_for(str(folder / "evals.db"), flows_enabled=False, data_dir=folder)
    clock = VirtualClock(SystemClock().now())
    async with build_extensions(settings, clock=clock, serving=False) as ext:
        assert ext.demo is not None
        desk = RealDesk(settings, ext.store, await read_model(ext.store, ext.demo))
        return [await converse(desk, job) for job in jobs]


def conversations(jobs: Sequence[Job]) -> Iterator[Conversation]:
    """All of them, on every core when they are many; then in no order."""
    if len(jobs) < PARALLEL_FROM:
        yield from have(jobs)
        return
    chunks = [jobs[k : k + CHUNK] for k in range(0, len(jobs), CHUNK)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(have, chunk) for chunk in chunks]):
            yield from done.result()


def main(argv: Sequence[str] | None = None) -> int:
    """0 when every target is met."""
    args = _arguments(argv)
    families = [args.family] if args.family else list(FAMILIES)
    noises = NOISES if args.noise is None else (args.noise,)
    if args.show:
        return _show(Job(families[0], args.seed or 0, noises[0], args.world))
    count = args.conversations
    reports: list[Report] = []
    clock = SystemClock()
    began = clock.monotonic_ms()
    for noise in noises:
        report = Report(noise)
        jobs = jobs_of(families, count, noise, args.world)
        for n, conversation in enumerate(conversations(jobs), start=1):
            report.add(conversation)
            if n % 500 == 0 or n == len(jobs):
                took_s = (clock.monotonic_ms() - began) / 1000
                _progress(f"{noise:4.0%}  {n:>5} of {len(jobs)}  {took_s:6.1f} s\n")
        reports.append(report)
    text = as_json(reports) if args.json else tell(reports, failures=args.failures)
    sys.stdout.write(text)
    return 0 if all(report.meets_targets for report in reports) else 1


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make evals", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--conversations", type=int, default=CONVERSATIONS, help="at each rate (default 3000)"
    )
    parser.add_argument("--family", choices=sorted(FAMILIES), help="this family only")
    parser.add_argument("--noise", type=float, help="this share of misheard words only, 0 to 1")
    parser.add_argument("--seed", type=int, help="with --family and --show: which conversation")
    parser.add_argument("--show", action="store_true", help="print that conversation")
    parser.add_argument("--world", type=int, default=SEED, help="another draw of everything")
    parser.add_argument("--failures", type=int, default=20, help="failed ones listed (default 20)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    return parser.parse_args(argv)


def _show(job: Job) -> int:
    (conversation,) = have([job])
    for line in conversation.lines:
        heard = f"   [heard: {line.heard}]" if line.heard else ""
        sys.stdout.write(f"{line.who:>7}  {line.text}{heard}\n")
    grade = conversation.grade
    sys.stdout.write(
        f"\n{'success' if grade.success else 'failed: ' + '; '.join(grade.problems)}\n"
    )
    return 0 if grade.success else 1


def _progress(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
