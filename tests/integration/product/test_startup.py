"""What is loaded before anybody asked for it: no provider's library on the embedded default, little for `--help`.

Which modules are there is asked, not how long they took: that is in `make bench` (bench/startup.py).
"""

import json
from pathlib import Path

import pytest
from tests import serving

pytestmark = pytest.mark.integration

PROVIDERS = ("agents", "openai", "google.cloud", "grpc", "twilio.rest", "azure", "faster_whisper")
NOT_FOR_HELP = (
    *PROVIDERS,
    "fastapi",
    "sqlalchemy",
    "dbos",
    "uvicorn",
    "httpx",
    "prometheus_client",
)

HELP = """
from typer.testing import CliRunner
from dalpak.cli.app import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
"""

SERVED = """
import asyncio, httpx
from dalpak.app_factory import application
from dalpak.config import load_settings

async def one_answer():
    app = application(load_settings())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            assert (await http.get("/readyz")).status_code == 200

asyncio.run(one_answer())
"""

DOCTOR = """
from dalpak.cli.doctor import doctor
doctor(as_json=True)
"""

TELL = """
import json, sys
print("MODULES" + json.dumps(sorted(sys.modules)))
"""


def loaded_by(program: str, folder: Path) -> set[str]:
    """The modules of a process of its own, after this program."""
    local = {"TWILIO_AUTH_TOKEN": "", "PUBLIC_BASE_URL": "http://127.0.0.1:8080"}
    lines = serving.printed("-c", program + TELL, folder=folder, extra=local)
    line = next(line for line in lines if line.startswith("MODULES"))
    return set(json.loads(line.removeprefix("MODULES")))


def astray(loaded: set[str], forbidden: tuple[str, ...]) -> list[str]:
    return [name for name in forbidden if name in loaded]


def test_help_loads_nothing_that_serves(tmp_path: Path) -> None:
    loaded = loaded_by(HELP, tmp_path)

    assert "typer" in loaded
    assert astray(loaded, NOT_FOR_HELP) == []


@pytest.mark.parametrize("program", [SERVED, DOCTOR], ids=["server", "doctor"])
def test_the_embedded_default_loads_no_provider(program: str, tmp_path: Path) -> None:
    loaded = loaded_by(program, tmp_path)

    assert "dalpak.services.registry" in loaded
    assert astray(loaded, PROVIDERS) == []
