"""The command line as a table: every command explains itself, and a wrong use names what was wrong."""

import re

import pytest
import typer
from typer.testing import CliRunner

import dalpak
from dalpak.cli.app import app

pytestmark = pytest.mark.unit

PROMISED = {
    "serve",
    "call",
    "simulate",
    "check",
    "doctor",
    "calls",
    "outbox",
    "replay",
    "password",
} | {"feeds", "policy", "slots", "understand"}


def commands(group: typer.Typer = app, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and every group of commands, as it is typed."""
    found: list[tuple[str, ...]] = []
    for command in group.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        found.append((*before, name))
    for inner in group.registered_groups:
        assert inner.name is not None
        assert inner.typer_instance is not None
        found += [(*before, inner.name), *commands(inner.typer_instance, (*before, inner.name))]
    return found


WRONG = (
    (["simulate", "--calls", "0"], "--calls"),
    (["simulate", "--calls", "many"], "--calls"),
    (["simulate", "--ramp", "soon"], "--ramp"),
    (["serve", "--port", "x"], "--port"),
    (["calls", "--limit", "0"], "--limit"),
    (["outbox", "--limit", "-1"], "--limit"),
    (["calls", "show"], "CALL_ID"),
    (["policy", "explain", "salon"], "DATE"),
    (["policy", "explain", "salon", "soon"], "DATE"),
    (["slots"], "--case"),
    (["slots", "--case", "/no/such/file"], "--case"),
    (["understand", "hello", "--language", "xx"], "--language"),
    (["understand", "hello", "--now", "soon"], "--now"),
    (["replay"], "FILE"),
    (["no-such-command"], "no-such-command"),
    (["check", "--jsno"], "--jsno"),
)


def plain(text: str) -> str:
    """Without the colours and the frame of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_what_was_promised_is_there() -> None:
    assert {command[0] for command in commands()} >= PROMISED
    assert ("calls", "show") in commands()


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])

    assert result.exit_code == 0
    said = plain(result.output)
    assert "Usage" in said
    assert len(said.split()) > 10


@pytest.mark.parametrize(("arguments", "named"), WRONG, ids=lambda value: str(value))
def test_a_wrong_use_names_what_was_wrong(arguments: list[str], named: str) -> None:
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert named.lower() in plain(result.output).lower()


def test_without_a_command_the_list_is_shown() -> None:
    said = plain(CliRunner().invoke(app, []).output)

    assert all(command[0] in said for command in commands())


def test_the_version_is_the_package_s() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert (result.exit_code, result.output.strip()) == (0, dalpak.__version__)
