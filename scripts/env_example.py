"""Writes .env.example from dalpak.config: every setting, its default, and why it is what it is.

`--check` writes nothing and fails when the file is not what it would write. Standard library only:
the source is read, not run, so the comments and the order of config.py are kept.
"""

import ast
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "src" / "dalpak" / "config.py"
EXAMPLE = ROOT / ".env.example"

HEADING = """\
# Every setting of dalpak, with its default. Copy to .env and change what you need: nothing has to
# be set for the embedded demo. Written from src/dalpak/config.py by `make env`; do not edit.
"""


def default_of(field: ast.AnnAssign) -> str:
    """The default as it would stand in an environment file."""
    value: ast.expr | None = field.value
    if isinstance(value, ast.Call):  # Field(8080, ge=1), SecretStr(""), Path("data")
        value = value.args[0] if value.args else None
    literal = ast.literal_eval(value) if value is not None else ""
    if literal is None:
        return ""
    return str(literal).lower() if isinstance(literal, bool) else str(literal)


def settings_class(tree: ast.Module) -> ast.ClassDef:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            return node
    raise LookupError("config.py has no class Settings")


def example() -> str:
    source = CONFIG.read_text()
    lines = source.splitlines()
    body = settings_class(ast.parse(source)).body
    parts = [HEADING]
    seen_line = 0
    for position, node in enumerate(body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        for line in lines[seen_line : node.lineno]:
            if line.strip().startswith("# -- "):
                parts.append(f"\n# -- {line.strip(' #-')}\n")
        seen_line = node.lineno
        following = body[position + 1] if position + 1 < len(body) else None
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            why = " ".join(str(following.value.value).split())
            wrapped = textwrap.wrap(why, 98)
            parts.append("\n" + "".join(f"# {line}\n" for line in wrapped))
        else:
            parts.append("\n")
        parts.append(f"#{node.target.id.upper()}={default_of(node)}\n")
    return "".join(parts)


def main() -> None:
    wanted = example()
    if "--check" in sys.argv[1:]:
        if not EXAMPLE.exists() or EXAMPLE.read_text() != wanted:
            raise SystemExit(".env.example differs from config.py: run `make env`")
    else:
        EXAMPLE.write_text(wanted)
        print(f"{EXAMPLE.name}: {wanted.count('=')} settings")


if __name__ == "__main__":
    main()
