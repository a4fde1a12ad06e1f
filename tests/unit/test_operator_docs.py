"""The operator's pages against the program: settings, commands, metrics and log events that are named, exist.

A page that tells of a setting that was renamed costs somebody an evening.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import typer

from dalpak.cli.app import app
from dalpak.config import Settings

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "dalpak"
PAGES = ("providers.md", "first-call.md", "operations.md", "adding-a-provider.md")

SETTING = re.compile(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b")
NOT_SETTINGS = {"YOUR_TOKEN"}
"""Words in capitals that a reader replaces."""
LOGGING = {"info", "warning", "error", "debug", "exception"}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@cache
def events() -> set[str]:
    """What the program logs in capitals: the events that an operator may have to act on."""
    found = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=attr), args=[ast.Constant(value=str(said)), *_]
                ) if attr in LOGGING and SETTING.fullmatch(said):
                    found.add(said)
    return found


@cache
def tables() -> set[str]:
    """Names of tables in the program (ADAPTERS, MESSENGERS …), which pages for developers name too."""
    pattern = re.compile(r"^([A-Z][A-Z0-9_]+)(?::|\s=)", re.MULTILINE)
    texts = [
        p.read_text(encoding="utf-8") for p in (*SRC.rglob("*.py"), *ROOT.glob("tests/**/*.py"))
    ]
    return {name for text in texts for name in pattern.findall(text)}


@pytest.mark.parametrize("name", PAGES)
def test_what_is_named_in_capitals_exists(name: str) -> None:
    settings = {setting.upper() for setting in Settings.model_fields}
    named = set(SETTING.findall(page(name))) - NOT_SETTINGS

    assert named - settings - events() - tables() == set()


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page(name))

    missing = [t for t in targets if "://" not in t and not (ROOT / "docs" / t).exists()]

    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_are_named_exist(name: str) -> None:
    named = set(re.findall(r"\bdalpak ([a-z]+)\b", page(name))) - {"receptionist"}
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

    assert named - known == set()


@pytest.mark.parametrize("name", PAGES)
def test_make_targets_that_are_named_exist(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert set(re.findall(r"`make ([a-z-]+)", page(name))) - targets == set()


def test_every_event_that_is_logged_is_explained() -> None:
    text = page("operations.md")

    assert sorted(event for event in events() if f"`{event}" not in text) == []


def test_every_metric_that_is_served_is_explained_and_no_other() -> None:
    source = (SRC / "web" / "metrics.py").read_text(encoding="utf-8")
    served = {f"dalpak_{name}" for name in re.findall(r'_gauge\(\s*"([a-z0-9_]+)"', source)}
    served |= {f"dalpak_{name}_total" for name in re.findall(r'_counter\(\s*"([a-z_]+)"', source)}
    served.add("dalpak_turn_latency_seconds")
    text = page("operations.md")

    told = set(re.findall(r"dalpak_[a-z0-9_]+", text)) - {"dalpak_process_"}
    assert {metric for metric in served if metric not in told} == set()
    assert {m for m in told if m.removesuffix("_bucket") not in served} == set()


def test_no_page_names_a_machine() -> None:
    private = re.compile(r"/(?:home|root|work|tmp)/|localhost:\d{4}/[a-z]+/[a-z]+/[a-z]+")

    assert {name for name in PAGES if private.search(page(name))} == set()
