"""Writes requirements/*.txt from pyproject.toml and bench.in: versions and hashes, nothing else.

Run it with the development environment's Python (`make lock`); `--upgrade` takes new versions. No
address of a package index may end up in the files: a tidy test looks.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COMMON = [
    sys.executable, "-m", "piptools", "compile",
    "--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe", "--newline=lf",
    "--no-header", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links",
    "--no-emit-options",
]  # fmt: skip

EXTRAS = ["--extra=production", "--extra=google", "--extra=openai", "--extra=silero"]

HEADER = """\
# {title}
# Written by `make lock`; do not edit. Versions and hashes only.
"""


def compile_lock(name: str, title: str, source: str, *options: str) -> None:
    path = ROOT / "requirements" / name
    subprocess.run(
        [*COMMON, f"--output-file=requirements/{name}", source, *options], cwd=ROOT, check=True
    )
    body = path.read_text()
    path.write_text(HEADER.format(title=title) + "\n" + body)
    print(f"requirements/{name}: {body.count('==')} packages")


def main() -> None:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    compile_lock(
        "run.txt", "What the program runs on.", "pyproject.toml",
        *EXTRAS, "--build-deps-for=editable", *upgrade,
    )  # fmt: skip
    compile_lock(
        "dev.txt", "What it is developed and tested with: run.txt and the tools.", "pyproject.toml",
        *EXTRAS, "--extra=whisper", "--extra=dev", "--build-deps-for=editable",
        "--constraint=requirements/run.txt", *upgrade,
    )  # fmt: skip
    compile_lock("bench.txt", "What bench/ compares.", "requirements/bench.in", *upgrade)


if __name__ == "__main__":
    main()
