"""`dalpak templates`: the texts of a business's messages, what one would look like, a new one; and
the rules by which they are sent.

Exit codes: 0 done, 2 a wrong use, with the field named.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

import typer

from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.clock import SystemClock
from dalpak.domain.messaging import MessagingRules
from dalpak.domain.records import Business, TenantScope
from dalpak.language.base import Language
from dalpak.language.messages import MESSAGES
from dalpak.language.registry import language
from dalpak.ports.store import Writing
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore
from dalpak.tools.messages import MessageText, preview_of, save_text, texts_of

Work = Callable[[Writing, Language], Awaitable[int]]


def list_texts(*, business: str, code: str, db: str, as_json: bool) -> int:
    """Every kind of message with its text and an example."""

    async def work(w: Writing, words: Language) -> int:
        texts = await texts_of(w, words, SystemClock().now())
        if as_json:
            emit_json(texts)
        else:
            for text in texts:
                _print(text)
        return 0

    return _in_business(business, code, db, work)


def preview_text(*, business: str, kind: str, text: str, code: str, db: str) -> int:
    """What a person would read; nothing is saved. `-` reads the text from standard input."""

    async def work(w: Writing, words: Language) -> int:
        typer.echo(await preview_of(w, words, kind, _given(text), SystemClock().now()))
        return 0

    return _in_business(business, code, db, work)


def set_text(*, business: str, kind: str, text: str, code: str, db: str) -> int:
    """Save a text and show what a person would read."""

    async def work(w: Writing, words: Language) -> int:
        given = _given(text)
        await save_text(w, words.code, kind, given)
        typer.echo(await preview_of(w, words, kind, given, SystemClock().now()))
        return 0

    return _in_business(business, code, db, work)


def reset_text(*, business: str, kind: str, code: str, db: str) -> int:
    """Bring the built-in text back."""

    async def work(w: Writing, words: Language) -> int:
        await save_text(w, words.code, kind, None)
        return 0

    return _in_business(business, code, db, work)


def rules(*, business: str, given: str, db: str) -> int:
    """Show the rules of writing, all of them; with `given` (JSON) change those that it names."""

    async def work(w: Writing, _words: Language) -> int:
        saved = (await w.messaging()).raw
        if given:
            try:
                changes = json.loads(_given(given))
            except ValueError:
                return fail("RULES: expected a JSON object")
            if not isinstance(changes, dict):
                return fail("RULES: expected a JSON object")
            saved = (await w.save_messaging({**saved, **changes})).raw
        emit_json(MessagingRules.from_json(saved).to_json())
        return 0

    return _in_business(business, "", db, work)


def _given(text: str) -> str:
    return sys.stdin.read().rstrip("\n") if text == "-" else text


def _in_business(business: str, code: str, db: str, work: Work) -> int:
    settings = settings_for(db)
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")
    if code and code not in MESSAGES:
        return fail(f"--language: expected one of {', '.join(sorted(MESSAGES))}, got {code!r}")

    async def run() -> int:
        store = SqlStore.open(settings.db_url, SystemClock())
        try:
            known = {b.id: b for b in await store.businesses()}
            chosen: Business | None = known.get(business)
            if chosen is None:
                return fail(f"BUSINESS: expected one of {', '.join(known)}, got {business!r}")
            async with store.writing(TenantScope(chosen.id)) as w:
                return await work(w, language(code or chosen.language))
        finally:
            await store.aclose()

    return asyncio.run(run())


def _print(text: MessageText) -> None:
    whose = "own" if text.own else "built-in"
    typer.secho(f"{text.kind}  ({text.language}, {whose})", bold=True)
    typer.secho("  " + " ".join(f"{{{name}}}" for name in text.placeholders), dim=True)
    typer.echo("  " + text.text.replace("\n", "\n  "))
    typer.secho("  " + text.preview.replace("\n", "\n  ") + "\n", fg=typer.colors.CYAN)
