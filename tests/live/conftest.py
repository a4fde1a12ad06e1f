"""The table that `make live` ends with: each real service, what held, and why the others were not asked."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

SERVICE = "live_service"


@dataclass
class Row:
    passed: int = 0
    failed: int = 0
    skipped: str = ""
    seconds: list[float] = field(default_factory=list)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    """The service is the first word of a test's parameters; without any, the test's own file."""
    outcome = yield
    callspec = getattr(item, "callspec", None)
    name = str(callspec.params.get("name", "")) if callspec is not None else ""
    kind = item.path.stem.removeprefix("test_live_")
    outcome.get_result().user_properties.append((SERVICE, f"{kind} {name}".strip()))
    return outcome


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.option.markexpr != "live":
        return
    rows: dict[str, Row] = defaultdict(Row)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            about = dict(getattr(report, "user_properties", []))
            if SERVICE not in about:
                continue
            row = rows[about[SERVICE]]
            if outcome == "skipped":
                reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
                row.skipped = reason.removeprefix("Skipped: ")
            elif outcome == "passed":
                row.passed += 1
                row.seconds.append(report.duration)
            else:
                row.failed += 1
    write = terminalreporter.write_line
    write("")
    write(f"{'service':<22} {'held':>5} {'failed':>7}   median s   not asked because")
    for name, row in sorted(rows.items()):
        middle = sorted(row.seconds)[len(row.seconds) // 2] if row.seconds else 0.0
        took = f"{middle:.2f}" if row.seconds else "-"
        write(f"{name:<22} {row.passed:>5} {row.failed:>7} {took:>10}   {row.skipped}")
