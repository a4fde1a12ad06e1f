"""`dalpak doctor`: what this installation has, what it lacks, and the command that mends it.

Each finding is tried, not assumed. "warn" means that something works less well; "fail" that the front desk cannot work.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import typer

from dalpak.cli.common import emit_json
from dalpak.clock import SystemClock
from dalpak.config import Settings, load_settings
from dalpak.errors import DalpakError

OK, WARN, FAIL = "ok", "warn", "fail"
LEAST_FREE_MB = 200
"""The database, its log and the prompt cache of a busy day fit many times."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    state: str
    found: str
    remedy: str = ""


Probe = Callable[[Settings], Awaitable[Finding]]


async def _sqlite(_settings: Settings) -> Finding:
    found = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < (3, 35):
        return Finding(
            "sqlite", FAIL, found, "needs SQLite 3.35 or newer; use DATABASE_URL with PostgreSQL"
        )
    return Finding("sqlite", OK, found)


async def _database(settings: Settings) -> Finding:
    from dalpak.store.migrate import HEAD, schema_version
    from dalpak.store.unit_of_work import SqlStore

    version = await asyncio.to_thread(schema_version, settings.db_url)
    if version is None:
        return Finding("database", WARN, "not created yet", "start the server once: make run")
    if version != HEAD:
        return Finding(
            "database",
            WARN,
            f"schema {version}, this program is {HEAD}",
            "restart the server: it migrates",
        )
    store = SqlStore.open(settings.db_url, SystemClock())
    try:
        businesses = await store.businesses()
    finally:
        await store.aclose()
    if not businesses:
        return Finding(
            "database", WARN, "no business in it", "set SEED_DEMO=1 and restart, or import one"
        )
    return Finding("database", OK, f"schema {version}, {len(businesses)} business(es)")


async def _disk(settings: Settings) -> Finding:
    folder = (
        settings.data_dir if settings.data_dir.exists() else settings.data_dir.absolute().parent
    )
    free = shutil.disk_usage(folder).free // 2**20
    state = OK if free >= LEAST_FREE_MB else WARN
    return Finding(
        "disk", state, f"{free} MB free for {settings.data_dir}", "" if state == OK else "make room"
    )


async def _voice(settings: Settings) -> Finding:
    from dalpak.language.registry import language
    from dalpak.services.registry import text_to_speech
    from dalpak.services.tts.silent import SilentTts

    voice = text_to_speech(settings)
    remedy = "install it: apt-get install espeak-ng (calls then have a demo voice)"
    if isinstance(voice, SilentTts):
        return Finding(
            "voice",
            WARN,
            f"{settings.espeak_program} is not installed: callers hear no words",
            remedy,
        )
    he = language("he")
    began = SystemClock().monotonic_ms()
    audio = b"".join([c async for c in voice.synthesize(he.phrase("goodbye"), locale=he.locale)])
    took = SystemClock().monotonic_ms() - began
    if not audio:
        return Finding("voice", FAIL, f"{voice.name} gave no audio", remedy)
    return Finding(
        "voice",
        OK,
        f"{voice.name}: {len(audio) / 8000:.1f} s of speech in {took} ms (a demo voice)",
    )


async def _ears(settings: Settings) -> Finding:
    from dalpak.services.registry import speech_to_text

    if speech_to_text(settings) is None:
        return Finding(
            "ears",
            WARN,
            "no STT provider: telephone callers book by keypad, typed text works",
            "set STT_PROVIDER",
        )
    return Finding("ears", OK, settings.stt_provider)


async def _telephone(settings: Settings) -> Finding:
    if not settings.twilio_auth_tokens:
        return Finding(
            "telephone",
            WARN,
            "no Twilio token: telephone calls are refused",
            "set TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL",
        )
    if not settings.public_base_url.startswith("https://"):
        return Finding(
            "telephone",
            WARN,
            f"{settings.public_base_url} is not https: Twilio cannot open its socket",
            "set PUBLIC_BASE_URL",
        )
    return Finding("telephone", OK, f"{settings.public_base_url}/voice/incoming")


async def _page(settings: Settings) -> Finding:
    if settings.is_loopback:
        return Finding("page", OK, f"this machine only, http://{settings.host}:{settings.port}/")
    return Finding("page", OK, f"{settings.host}:{settings.port}, with an admin password")


async def _flows(settings: Settings) -> Finding:
    if not settings.flows_enabled:
        return Finding(
            "follow-up", WARN, "switched off: no confirmation is sent", "set FLOWS_ENABLED=1"
        )
    return Finding("follow-up", OK, f"messages go to: {settings.messenger}")


PROBES: tuple[Probe, ...] = (
    _sqlite,
    _database,
    _disk,
    _voice,
    _ears,
    _telephone,
    _page,
    _flows,
)


def doctor(*, as_json: bool) -> int:
    """Exit code 1 if anything fails; warnings do not."""
    settings = load_settings()
    findings = asyncio.run(_examine(settings))
    if as_json:
        emit_json(findings)
    else:
        colours = {OK: typer.colors.GREEN, WARN: typer.colors.YELLOW, FAIL: typer.colors.RED}
        for f in findings:
            typer.secho(f"{f.state:>5}  ", fg=colours[f.state], nl=False)
            typer.echo(f"{f.name:<10} {f.found}")
            if f.remedy:
                typer.echo(f"{'':18}-> {f.remedy}")
    return 1 if any(f.state == FAIL for f in findings) else 0


async def _examine(settings: Settings) -> list[Finding]:
    findings = []
    for probe in PROBES:
        try:
            async with asyncio.timeout(10):
                findings.append(await probe(settings))
        except (DalpakError, OSError, TimeoutError) as fault:
            findings.append(
                Finding(probe.__name__.strip("_"), FAIL, f"{type(fault).__name__}: {fault}")
            )
    return findings
