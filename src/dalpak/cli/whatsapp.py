"""`dalpak whatsapp`: is messaging set up and connected, pairing a device, and running the sidecar.

The sidecar is a program of its own (sidecars/baileys, Node); here it is started, watched and
stopped. What it does with WhatsApp is written there.
"""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

import dalpak
from dalpak.cli.common import emit_json, fail, masked, settings_for
from dalpak.clock import Clock, SystemClock
from dalpak.config import Settings, environment_with
from dalpak.errors import ConfigError, ProviderError
from dalpak.ports.messenger import REASON_WORDS
from dalpak.runtime.supervise import Supervisor
from dalpak.services import registry
from dalpak.services.whatsapp.sidecar import Sidecar, sidecar_folder, sidecar_token

SIDECAR = Path(dalpak.__file__).parents[2] / "sidecars" / "baileys"
NODE_MIN = 20
STOP_S = 8.0
"""For messages being handed over when the sidecar is told to stop."""
STEADY_MS = 60_000
"""A sidecar that ran so long did not fail at its start: the pauses begin anew."""
LONGEST_PAUSE_S = 60.0
INSTALL_S = 300
WRONG_USE = 2
"""The sidecar's exit code for settings that it cannot use: starting again would not help."""

STATE_WORDS: Mapping[str, str] = {
    "starting": "starting",
    "open": "connected",
    "pairing": "waiting to be paired: dalpak whatsapp pair --phone +972...",
    "reconnecting": "WhatsApp cannot be reached; it keeps trying",
    "logged_out": "the device was logged out on the phone: dalpak whatsapp pair --phone +972...",
    "forbidden": "WhatsApp closed the account",
    "replaced": "another program uses this device",
    "stopped": "stopping",
}


# -- status ----------------------------------------------------------------------------------------


def status(*, as_json: bool) -> int:
    """What is set up, and whether the sidecar is connected. 1 when the chosen messenger cannot send."""
    settings = settings_for()
    found = asyncio.run(_status(settings))
    if as_json:
        emit_json(found)
    else:
        typer.echo(f"messenger: {found['messenger']}")
        for name, state in found["set_up"].items():
            typer.echo(f"  {name:16} {state}")
        for line in _told(found["sidecar"]):
            typer.echo(line)
    return 0 if found["ok"] else 1


async def _status(settings: Settings) -> dict[str, Any]:
    set_up: dict[str, str] = {}
    for name, make in registry.MESSENGERS.items():
        try:
            await make(settings).aclose()
        except ConfigError as missing:
            set_up[name] = f"not set up: {missing.field}"
        else:
            set_up[name] = "set up"
    chosen = set_up.get(settings.messenger, "there is no such messenger")
    ok, health = chosen == "set up", None
    if settings.messenger == "baileys" and ok:
        try:
            health = await _asked(settings, "GET", "/health")
            health["number"] = masked(health.get("number"))
        except ProviderError as fault:
            health = {"state": fault.code, "why": REASON_WORDS.get(fault.code, fault.code)}
        ok = health["state"] == "open"
    return {"messenger": settings.messenger, "ok": ok, "set_up": set_up, "sidecar": health}


def _told(health: dict[str, Any] | None) -> list[str]:
    if health is None:
        return []
    state = str(health["state"])
    lines = [f"sidecar: {STATE_WORDS.get(state) or health.get('why') or state}"]
    if state == "unreachable":
        lines.append("  start it with: dalpak whatsapp sidecar")
    if health.get("last"):
        lines.append(f"  last error: {health['last']}; attempt {health.get('attempt')}")
    if health.get("restricted"):
        lines.append(f"  {REASON_WORDS['restricted']}")
    if health.get("untold"):
        lines.append(f"  {health['untold']} events wait until the server answers")
    if "new_people_today" in health:
        most = health.get("new_people_per_day")
        lines.append(f"  new people today: {health['new_people_today']} of {most}")
    return lines


# -- pairing ---------------------------------------------------------------------------------------


def pair(*, phone: str, as_json: bool) -> int:
    """A code to type into the phone (Linked devices > Link with phone number)."""
    settings = settings_for()
    try:
        found = asyncio.run(_pair(settings, phone))
    except ProviderError as fault:
        return fail(REASON_WORDS.get(fault.code, fault.code))
    if as_json:
        emit_json(found)
    elif found.get("code"):
        typer.echo(f"code: {found['code']}")
        typer.echo("On the phone: WhatsApp > Linked devices > Link with phone number instead.")
    else:
        typer.echo(f"sidecar: {STATE_WORDS.get(str(found['state']), found['state'])}")
    return 0


async def _pair(settings: Settings, phone: str) -> dict[str, Any]:
    if phone:
        return await _asked(settings, "POST", "/v1/pair", {"phone": phone})
    return await _asked(settings, "GET", "/v1/pairing")


async def _asked(
    settings: Settings, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    sidecar = Sidecar(settings.baileys_url, sidecar_token(settings))
    try:
        return await sidecar.ask(method, path, body)
    finally:
        await sidecar.aclose()


# -- the program -----------------------------------------------------------------------------------


def sidecar(*, folder: Path | None) -> int:
    """Install its packages if they are missing, then run it until told to stop."""
    settings, home = settings_for(), folder or SIDECAR
    if not (home / "package-lock.json").is_file():
        return fail(f"no sidecar in {home}; it comes with the source, not with the wheel")
    node = shutil.which("node")
    if node is None or node_version(node) < NODE_MIN:
        return fail(f"Node {NODE_MIN} or newer is needed")
    if not _installed(home) and not _install(home):
        return fail("npm ci failed; its own words are above")
    return asyncio.run(run_sidecar([node, "src/main.js"], home, settings, SystemClock()))


def node_version(node: str) -> int:
    """The major version; 0 when it does not say."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    major = told.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _installed(home: Path) -> bool:
    done, wanted = home / "node_modules" / ".package-lock.json", home / "package-lock.json"
    return done.is_file() and done.stat().st_mtime >= wanted.stat().st_mtime


def _install(home: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    typer.echo("Installing the sidecar's packages (npm ci)", err=True)
    return subprocess.run([npm, "ci"], cwd=home, timeout=INSTALL_S).returncode == 0


def sidecar_environment(settings: Settings) -> dict[str, str]:
    """Everything the program is told."""
    return environment_with(
        SIDECAR_TOKEN=sidecar_token(settings),
        SIDECAR_FOLDER=str((sidecar_folder(settings) / "account").absolute()),
        SIDECAR_PORT=str(settings.baileys_port),
        SIDECAR_APP_URL=f"http://127.0.0.1:{settings.port}/whatsapp/baileys",
        SIDECAR_NEW_PEOPLE_PER_DAY=str(settings.baileys_new_contacts_per_day),
        SIDECAR_SUPERVISED="1",
    )


async def run_sidecar(command: list[str], home: Path, settings: Settings, clock: Clock) -> int:
    """Keep it running: a crash is followed by a pause and a new start, SIGTERM by its clean end."""
    stop, supervisor, failures = asyncio.Event(), Supervisor("sidecar"), 0
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    stopping = supervisor.spawn(stop.wait(), name="stop")
    try:
        while True:
            began = clock.monotonic_ms()
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=home,
                env=sidecar_environment(settings),
                # It ends by itself when this end is closed, also by our being killed.
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
            ending = supervisor.spawn(process.wait(), name="ending")
            await asyncio.wait({stopping, ending}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                return await _ended(process)
            if process.returncode == WRONG_USE:
                return WRONG_USE
            failures = 1 if clock.monotonic_ms() - began > STEADY_MS else failures + 1
            pause = min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10))
            typer.echo(
                f"the sidecar ended ({process.returncode}); again in {pause:.0f} s", err=True
            )
            waking = supervisor.spawn(clock.sleep(pause), name="pause")
            await asyncio.wait({stopping, waking}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                return 0
    finally:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(sign)
        await supervisor.aclose()


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Told to stop, and given the time it needs; 0 when it ended by itself."""
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            code = await process.wait()
    except TimeoutError:
        process.kill()
        code = await process.wait()
    return 0 if code == 0 else 1
