"""Documents that would drift if nobody compared them with the code."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from dalpak.call.phase import mermaid
from dalpak.config import Settings

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]


def test_the_phase_diagram_is_the_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{mermaid()}\n```" in text


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = {m[1].lower() for m in re.finditer(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)}
    assert named == set(Settings.model_fields)


def test_every_setting_has_a_default() -> None:
    without = [n for n, f in Settings.model_fields.items() if f.default is PydanticUndefined]
    assert without == []


@pytest.mark.parametrize(
    "page", ["README.md", "README.he.md", "docs/architecture.md", "CONTRIBUTING.md"]
)
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    targets = re.findall(r"\]\(([^)#]+)\)", file.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (file.parent / t).exists()]
    assert missing == []
