"""House style that a test can check: what ruff, mypy and import-linter do not see.

Every test gathers all offenders and shows them in one list: one run tells all there is to mend.
"""

import ast
import re
import runpy
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dalpak

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "dalpak"
LOCKS = ("run.txt", "dev.txt", "bench.txt")

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Longer on purpose: path under src/dalpak -> the reason. Empty is right: a file that grows past
# the limit has found its seam.
LONG_FILES: dict[str, str] = {}
# The same for functions: "path:name" -> the reason.
LONG_FUNCTIONS: dict[str, str] = {}

# Hebrew is language data, instructions to a model, or the words of a page.
HEBREW = re.compile("[\u0590-\u05ff]")
HEBREW_HOMES = ("language/he/", "agents/prompts/", "web/console/")

TEXT_SUFFIXES = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".json",
    ".toml",
    ".md",
    ".txt",
    ".mako",
    ".ini",
    ".sql",
}

# A distribution's name is not always the name one imports.
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "google-cloud-speech": "google",
    "google-cloud-texttospeech": "google",
    "grpcio": "grpc",
    "openai-agents": "agents",
    "pydantic-settings": "pydantic_settings",
    "python-multipart": "python_multipart",
}
# Comes with a declared one, which re-exports it as part of its own interface.
COMES_WITH = {
    "starlette": "fastapi",
    "pydantic": "pydantic-settings",
    "click": "typer",
    "httpx2": "openai",
}


def name_of(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def modules() -> Iterator[Path]:
    yield from sorted(SRC.rglob("*.py"))


def texts() -> Iterator[Path]:
    yield from sorted(path for path in SRC.rglob("*") if path.suffix in TEXT_SUFFIXES)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def lines_matching(pattern: str, *, except_in: tuple[str, ...] = ()) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in texts()
        if not name_of(path).startswith(except_in or ("\0",))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if found.search(line)
    ]


def test_there_is_source_to_check() -> None:
    assert sum(1 for _ in modules()) > 0


def test_files_are_short() -> None:
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > FILE_LINES_MAX}

    assert {name: lines for name, lines in too_long.items() if name not in LONG_FILES} == {}
    assert set(LONG_FILES) <= set(too_long), "an exception that is no longer needed"


def test_functions_are_short() -> None:
    too_long = {
        f"{name_of(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    }

    assert {name: lines for name, lines in too_long.items() if name not in LONG_FUNCTIONS} == {}
    assert set(LONG_FUNCTIONS) <= set(too_long), "an exception that is no longer needed"


def test_every_module_says_why_it_exists() -> None:
    assert [name_of(path) for path in modules() if not ast.get_docstring(parsed(path))] == []


def test_hebrew_stays_at_home() -> None:
    assert lines_matching(HEBREW.pattern, except_in=HEBREW_HOMES) == []


def test_the_app_is_created_in_one_place() -> None:
    assert lines_matching(r"create_app\(", except_in=("app_factory.py",)) == []


def test_nothing_is_monkey_patched() -> None:
    assert lines_matching(r"monkey_patch\(") == []


def test_nothing_is_left_to_do() -> None:
    assert lines_matching(r"\b(TODO|FIXME|XXX)\b") == []


def ways_out(path: Path) -> Iterator[str]:
    """Every place that ends the process, by an exit call or by SystemExit raised by hand."""
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="sys" | "os"), attr="exit" | "_exit" | "abort")
            ):
                yield f"{name_of(path)}:{node.lineno}"
            case ast.Call(func=ast.Name(id="exit" | "quit" | "_exit" | "SystemExit")):
                yield f"{name_of(path)}:{node.lineno}"
            case ast.Raise(exc=ast.Name(id="SystemExit" | "KeyboardInterrupt")):
                yield f"{name_of(path)}:{node.lineno}"


def test_nothing_ends_a_running_server() -> None:
    outside_cli = (path for path in modules() if not name_of(path).startswith("cli"))

    assert [place for path in outside_cli for place in ways_out(path)] == []


def distributions() -> set[str]:
    """What pyproject.toml asks for, to run and in production."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["production"]
    return {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in wanted}


def providers() -> set[str]:
    """What pyproject.toml asks for as extras: imported by an adapter, when a setting names it."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    wanted = [line for name, lines in extras.items() if name != "dev" for line in lines]
    return {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in wanted}


def importable() -> set[str]:
    """Every declared distribution as it is imported, and what comes with one."""
    declared = distributions() | providers()
    with_them = {name for name, owner in COMES_WITH.items() if owner in declared}
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in declared} | with_them


def imported(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def test_what_is_imported_is_declared() -> None:
    known = importable() | set(sys.stdlib_module_names) | {"dalpak", "__future__"}

    undeclared = [
        f"{name_of(path)}:{line}: {name}"
        for path in modules()
        for name, line in imported(path)
        if name not in known
    ]

    assert undeclared == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_versions_and_hashes_only(lock: str) -> None:
    allowed = re.compile(
        r"""
          \#\ What\ .* | \#\ Written\ by\ `make\ lock`.* |    # our heading
          [A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+(\ ;\ .*)?\ \\ |  # name==version
          \ {4}--hash=sha256:[0-9a-f]{64}(\ \\)? |            # its hashes
          \ {4}\#\ via(\ [A-Za-z0-9._-]+)?(\ \(pyproject\.toml\S*\))? |  # who asked for it
          \ {4}\#\ {3}([A-Za-z0-9._-]+|-[cr]\ requirements/run\.txt)(\ \(pyproject\.toml\S*\))? |
          \ {4}\#\ via\ -[cr]\ requirements/(run\.txt|bench\.in) |
          \#\ The\ following\ packages\ are\ considered\ to\ be\ unsafe.* |
        """,
        re.VERBOSE,
    )
    lines = (ROOT / "requirements" / lock).read_text().splitlines()

    assert [line for line in lines if not allowed.fullmatch(line)] == []
    assert any("--hash=" in line for line in lines)


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / lock).read_text().splitlines()
    return dict(
        line.split()[0].split("==") for line in lines if re.match(r"[A-Za-z0-9]\S*==", line)
    )


def test_the_two_locks_agree() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")

    assert {
        name: (version, dev.get(name)) for name, version in run.items() if dev.get(name) != version
    } == {}


def test_what_is_declared_is_locked() -> None:
    assert distributions() - set(pins("run.txt")) == set()


def test_the_example_environment_tells_of_every_setting() -> None:
    """`make env` writes it anew."""
    wanted = runpy.run_path(str(ROOT / "scripts" / "env_example.py"))["example"]()

    assert (ROOT / ".env.example").read_text() == wanted


def test_the_changelog_tells_of_this_version() -> None:
    versions = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )

    assert versions[:1] == [dalpak.__version__]
