"""The agent's model: is the key taken, is the model there, and how long does one tiny answer take.

Over plain HTTP, so that every server that speaks OpenAI's protocol is asked alike and no library is loaded. The
question costs a few tokens; an account without credit shows in nothing else.
"""

from collections.abc import Sequence

from dalpak.config import Settings
from dalpak.errors import ProviderError
from dalpak.services.checks.faults import Trouble
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.http import Answer, Unreachable, ask, client
from dalpak.services.checks.provider import Provider, failed

NAME = "agent"
OFFICIAL = "https://api.openai.com/"
QUESTION = "Answer with one word: ok"
ANSWER_S = 8.0
"""A model that reasons first needs longer than a call would wait; the finding then says so."""
LEAST = 16
"""Tokens; OpenAI accepts no smaller limit."""
SHOWN_MAX = 6
"""Models named where the one that was asked for is not there."""

OPENAI = Provider(
    title="the model's server",
    keys="set OPENAI_API_KEY (platform.openai.com > API keys), or OPENAI_BASE_URL of your own server",
    quota="platform.openai.com > Settings > Billing: add credit, or raise the project's limit",
    choice="set OPENAI_MODEL (and OPENAI_API=chat where the server has no Responses API)",
)


async def look(place: Installation) -> Sequence[Finding]:
    settings = place.settings
    if settings.agent_provider == "builtin":
        return [Finding(NAME, State.OK, "the built-in dialogue (embedded): no key, no network")]
    if settings.agent_provider != "openai":
        known = "builtin or openai"
        return [
            Finding(
                NAME, State.ERROR, f"AGENT_PROVIDER={settings.agent_provider}", f"set it to {known}"
            )
        ]
    key = settings.openai_api_key.get_secret_value()
    if not key and settings.openai_base_url.startswith(OFFICIAL):
        return [
            Finding(
                NAME,
                State.WARNING,
                "AGENT_PROVIDER=openai without a key: the built-in dialogue answers",
                OPENAI.keys,
            )
        ]
    try:
        return [await _ask(place, key)]
    except Unreachable as fault:
        return [
            Finding(
                NAME,
                State.WARNING,
                f"{settings.openai_base_url}: {fault.detail}; the built-in dialogue answers",
                OPENAI.reach,
            )
        ]


async def _ask(place: Installation, key: str) -> Finding:
    settings = place.settings
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with client(ANSWER_S) as session:
        models = await ask(
            place.clock,
            "GET",
            f"{settings.openai_base_url}/models",
            headers=headers,
            session=session,
        )
        if models.status in {401, 403}:
            return await _refused(settings, models, [])
        path, question = _question(settings)
        answer = await ask(
            place.clock,
            "POST",
            f"{settings.openai_base_url}{path}",
            headers=headers,
            data=question,
            session=session,
        )
    if not answer.ok:
        return await _refused(settings, answer, _ids(models))
    said = f"{settings.openai_model} answers on an open connection"
    if answer.took_ms > settings.llm_first_token_ms:
        return Finding(
            NAME,
            State.WARNING,
            f"{said}, but slowly: calls go on without it after LLM_FIRST_TOKEN_MS={settings.llm_first_token_ms}",
            "run the doctor again; if it stays, a faster OPENAI_MODEL or a nearer OPENAI_BASE_URL",
            answer.took_ms,
        )
    return Finding(NAME, State.OK, said, "", answer.took_ms)


def _question(settings: Settings) -> tuple[str, dict[str, object]]:
    """Streamed, as calls ask; nothing of it is kept there."""
    asked = [{"role": "user", "content": QUESTION}]
    common: dict[str, object] = {"model": settings.openai_model, "stream": True}
    if settings.openai_api == "chat":
        return "/chat/completions", {**common, "messages": asked}
    return "/responses", {**common, "input": asked, "max_output_tokens": LEAST, "store": False}


async def _refused(settings: Settings, answer: Answer, models: Sequence[str]) -> Finding:
    """By the status and the server's own code for it; never its words, which may quote the key."""
    code = answer.field("error", "code") or answer.field("error", "type") or ""
    fault = ProviderError(f"{answer.status} {code}".strip())
    finding = await failed(NAME, OPENAI, settings, fault, only=False)
    # Calls are answered all the same: the built-in dialogue takes over.
    found = f"{finding.found}; the built-in dialogue answers"
    remedy = finding.remedy
    if models and finding.found.startswith(f"{OPENAI.title}: {Trouble.CHOICE}"):
        remedy += f". It has: {', '.join(models)}"
    return Finding(NAME, State.ERROR, found, remedy, answer.took_ms)


def _ids(answer: Answer) -> list[str]:
    """Some models of the list, the shortest names first: those are the general ones."""
    rows = answer.field("data")
    names = (
        [str(row.get("id")) for row in rows if isinstance(row, dict)]
        if isinstance(rows, list)
        else []
    )
    return sorted(names, key=lambda name: (len(name), name))[:SHOWN_MAX]
