"""Sets up what `make run`, `make check` and `make test` need; a second time it does nothing.

Standard library only, and plain enough for an old python3 to read: that one only looks for Python
3.11 or newer and hands over. Packages come from the hash-locked files in requirements/, go into
.venv, and are recorded in a stamp there. Programs that are not Python (a browser, a voice) come
from apt where that is allowed, and are named where it is not.
"""

import argparse
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
NEWEST_TRIED = (3, 13)

# What a profile installs, and which programs it would like. Each program is optional: what is lost
# without it is said.
PROFILES = {
    "run": ("requirements/run.txt", ("voice",)),
    "check": ("requirements/dev.txt", ()),
    "test": (
        "requirements/dev.txt",
        ("voice", "browser", "browser driver", "hebrew font", "sound", "postgres"),
    ),
}
PROGRAMS = {
    # name: (how it is found, Debian packages, what is lost without it)
    "voice": (("espeak-ng",), ("espeak-ng",), "the telephone has no voice for its prompts"),
    "browser": (("chromium", "chromium-browser"), ("chromium",), "browser tests are skipped"),
    # Playwright's own Node is linked with it; a minimal Debian is without.
    "browser driver": (
        ("/usr/lib*/libatomic.so.1", "/usr/lib*/*/libatomic.so.1"),
        ("libatomic1",),
        "browser tests fail",
    ),
    "hebrew font": ((), ("fonts-dejavu-core",), "screenshots show boxes for letters"),
    "sound": (("sox",), ("sox",), "tests of recorded sound are skipped"),
    "postgres": (
        ("/usr/lib/postgresql/*/bin/initdb", "initdb"),
        ("postgresql",),
        "tests on Postgres are skipped",
    ),
}
# The voice detector's model: the program runs without it, and hears noise as voices.
MODEL = os.path.join(ROOT, "src", "dalpak", "services", "vad", "silero_vad.onnx")
SIDECAR = os.path.join(ROOT, "sidecars", "baileys")
SIDECAR_LOCK = os.path.join("sidecars", "baileys", "package-lock.json")
SIDECAR_STAMP = os.path.join(SIDECAR, "node_modules", ".installed")
APT_SECONDS_MAX = 420
NPM_SECONDS_MAX = 300
PIP_SECONDS_MAX = 1200


def say(text):
    print("\033[1m==>\033[0m " + text if sys.stdout.isatty() else "==> " + text, flush=True)


def fail(text):
    say("Set-up stopped.")
    print(text, file=sys.stderr, flush=True)
    raise SystemExit(1)


# -- Python ----------------------------------------------------------------------------------


def use_a_new_enough_python():
    """Carries on in Python 3.11 or newer, looking for one when started by something older."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1):
        name = f"python3.{minor}"
        path = shutil.which(name)
        # A version manager's stub can be on PATH without the version behind it: run it, too.
        if (
            path
            and subprocess.call(
                [path, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            == 0
        ):
            os.execv(path, [path, *sys.argv])
    fail(
        f"Python 3.11 or newer is needed. This is {sys.version_info[0]}.{sys.version_info[1]}, "
        "and no python3.11, python3.12 or python3.13 runs here.\n"
        "On Debian 12, Ubuntu 24.04 and newer:  apt-get install python3 python3-venv"
    )


def venv_is_sound():
    """Whether .venv runs, is new enough, and was made at this very path, which its scripts hold."""
    probe = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        with open(os.path.join(VENV, "bin", "pip")) as script:
            here = VENV in script.read(1000)
        runs = (
            subprocess.run([VENV_PYTHON, "-c", probe], capture_output=True, timeout=30).returncode
            == 0
        )
        return here and runs
    except (OSError, subprocess.TimeoutExpired):
        return False


def make_venv():
    if venv_is_sound():
        return
    if os.path.exists(VENV):
        say(
            "The environment in .venv does not work here (moved, or its Python is gone): "
            "making it anew"
        )
        shutil.rmtree(VENV)
    version = ".".join(str(part) for part in sys.version_info[:3])
    say(f"Making the environment in .venv with Python {version}")
    # Debian keeps ensurepip in a package of its own, and says so only when half of it is made.
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        say(f"Python's venv support is missing; on Debian and Ubuntu it is the package {package}")
        if not apt_install([package]):
            fail(f"Install it and try again:  sudo apt-get install {package}")
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        fail("python -m venv failed:\n" + made.stdout + made.stderr)


# -- Python packages -------------------------------------------------------------------------


def stamp_path(lock):
    return os.path.join(VENV, ".installed-" + os.path.basename(lock))


def fingerprint(lock):
    """What was installed, where and for which Python: any difference means installing again."""
    digest = hashlib.sha256()
    for path in (lock, "pyproject.toml"):
        with open(os.path.join(ROOT, path), "rb") as file:
            digest.update(file.read() + b"\0")
    digest.update(VENV.encode())
    with open(os.path.join(VENV, "pyvenv.cfg"), "rb") as file:
        digest.update(file.read())
    return digest.hexdigest()


def is_installed(lock):
    try:
        with open(stamp_path(lock)) as file:
            recorded = file.read()
        # os.path.exists follows links: an upgrade may have taken the Python behind .venv away.
        return recorded == fingerprint(lock) and os.path.exists(VENV_PYTHON)
    except OSError:
        return False


def write_stamp(lock):
    with open(stamp_path(lock), "w") as file:
        file.write(fingerprint(lock))


def pip(arguments, total=0):
    """Runs pip in .venv, with a counter in place of its chatter; its own words show if it fails."""
    command = [
        VENV_PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--progress-bar=off",
    ]
    began, seen, lines = time.monotonic(), 0, []
    process = subprocess.Popen(
        command + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    for line in process.stdout:
        lines.append(line)
        if time.monotonic() - began > PIP_SECONDS_MAX:
            process.kill()
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
            seen += 1
            what = line.split()[3 if line.startswith("R") else 1]
            show_progress(min(seen, total), total, os.path.basename(what))
        elif line.startswith("Installing collected packages"):
            show_progress(total, total, "putting them in place ...")
    if process.wait() != 0:
        print()
        fail(
            "".join(lines[-25:])
            + "\nA package could not be installed. Is the network there? Then try again."
        )
    if total and sys.stdout.isatty():
        print()
    return time.monotonic() - began


def show_progress(seen, total, what):
    if not total:
        return
    if sys.stdout.isatty():
        print(f"\r    {seen:3} of {total}  {what:<40.40}", end="", flush=True)
    elif seen == total or seen % 10 == 1:
        print(f"    {seen:3} of {total}  {what}", flush=True)


def install_packages(lock):
    if is_installed(lock):
        return
    with open(os.path.join(ROOT, lock)) as file:
        total = sum("==" in line and not line.startswith("#") for line in file)
    say(f"Installing {total} packages, each checked against its hash in {lock}")
    took = pip(["--require-hashes", "-r", lock], total)
    # The build backend came with the lock: nothing is fetched to install the project itself.
    pip(["--no-deps", "--no-build-isolation", "--no-index", "-e", "."])
    write_stamp(lock)
    if lock == PROFILES["test"][0]:  # it holds run.txt whole, at the same versions
        write_stamp(PROFILES["run"][0])
    say(f"Installed in {took:.0f} s")


# -- Programs that are not Python ------------------------------------------------------------


def has_program(name):
    if name == "hebrew font":
        listing = shutil.which("fc-list")
        if listing and subprocess.run([listing, ":lang=he"], capture_output=True).stdout.strip():
            return True
        return bool(glob.glob("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
    return any(
        glob.glob(found) if "/" in found else shutil.which(found) for found in PROGRAMS[name][0]
    )


def apt_prefix():
    """The words before apt-get on this machine, or None where it may not be used."""
    if os.environ.get("DALPAK_NO_SYSTEM_PACKAGES") or not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.call(
            ["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        == 0
    ):
        return ["sudo", "-n"]
    return None


def apt_install(packages):
    """Installs Debian packages if that is allowed here; never raises."""
    prefix = apt_prefix()
    if prefix is None:
        return False
    options = [
        "-qq",
        "-o",
        "Acquire::Retries=1",
        "-o",
        "Acquire::http::Timeout=30",
        "-o",
        "DPkg::Lock::Timeout=120",
    ]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    say("Installing with apt-get: " + " ".join(packages))
    try:
        for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                prefix + environment + ["apt-get"] + options + step,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=APT_SECONDS_MAX,
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"apt-get did not finish: {type(error).__name__}")
        return False
    if done.returncode != 0:
        say("apt-get failed: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return done.returncode == 0


def install_programs(names):
    """Tries once for what is missing; what stays missing is named, with its cost, and we go on."""
    missing = [name for name in names if not has_program(name)]
    if not missing:
        return
    apt_install([package for name in missing for package in PROGRAMS[name][1]])
    missing = [name for name in missing if not has_program(name)]
    if missing:
        say("Going on without these programs:")
        for name in missing:
            print(f"    {name:<15} {PROGRAMS[name][2]}")
        packages = " ".join(package for name in missing for package in PROGRAMS[name][1])
        print(
            f"    To have them:  sudo apt-get install --no-install-recommends {packages}",
            flush=True,
        )


def model_was_tried():
    """Whether the model is there, or did not come before: then it is not asked for at every start."""
    return os.path.exists(MODEL) or os.path.exists(os.path.join(VENV, ".model-tried"))


def fetch_model():
    """Never fails: scripts/silero.py tells what is lost."""
    subprocess.call([VENV_PYTHON, os.path.join(ROOT, "scripts", "silero.py")], cwd=ROOT)
    with open(os.path.join(VENV, ".model-tried"), "w"):
        pass


def sidecar_is_installed():
    """Whether its packages are those of its lock file."""
    try:
        with open(SIDECAR_STAMP) as file:
            return file.read() == fingerprint(SIDECAR_LOCK)
    except OSError:
        return False


def install_sidecar():
    """The WhatsApp sidecar's packages, for its tests. Never fails: without them its tests are skipped."""
    if not shutil.which("npm"):
        say("No npm here: the WhatsApp sidecar (sidecars/baileys) and its tests need Node.js 20")
        return
    say("Installing the WhatsApp sidecar's packages (npm ci)")
    try:
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"],
            cwd=SIDECAR, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=NPM_SECONDS_MAX,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"npm did not finish: {type(error).__name__}")
        return
    if done.returncode != 0:
        say("npm ci failed: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
        return
    with open(SIDECAR_STAMP, "w") as file:
        file.write(fingerprint(SIDECAR_LOCK))


def tried_path(profile):
    return os.path.join(VENV, ".programs-" + profile)


def programs_were_tried(profile):
    """Whether the same list was gone through before, whatever came of it."""
    try:
        with open(tried_path(profile)) as file:
            return file.read() == " ".join(PROFILES[profile][1])
    except OSError:
        return False


def main():
    use_a_new_enough_python()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("profile", choices=sorted(PROFILES))
    profile = parser.parse_args().profile
    lock, programs = PROFILES[profile]
    sidecar = profile == "test" and not sidecar_is_installed()
    if is_installed(lock) and programs_were_tried(profile) and model_was_tried() and not sidecar:
        return
    make_venv()
    install_packages(lock)
    if not model_was_tried():
        fetch_model()
    if not programs_were_tried(profile):
        install_programs(programs)
        with open(tried_path(profile), "w") as file:
            file.write(" ".join(programs))
    if sidecar:
        install_sidecar()


if __name__ == "__main__":
    main()
