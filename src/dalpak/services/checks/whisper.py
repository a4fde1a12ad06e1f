"""Whisper on this machine: is the library there, and the model. It is not loaded to be looked at: it takes gigabytes,
of memory and perhaps of download, which the server beside may have no room for.
"""

import asyncio
from pathlib import Path

from dalpak.errors import ProviderError
from dalpak.services.checks.finding import Finding, Installation, State
from dalpak.services.checks.provider import Provider

MODEL_FILE = "model.bin"

STT = Provider(
    title="Whisper on this machine",
    keys="set WHISPER_MODEL to a folder with a CTranslate2 model, or to a name on the Hugging Face hub",
    quota="set WHISPER_QUEUE",
    choice="set WHISPER_MODEL, WHISPER_DEVICE and WHISPER_COMPUTE_TYPE",
    reach="download the model once, and set WHISPER_MODEL to its folder",
)


async def look(place: Installation, name: str) -> Finding:
    """Raises ImportError without the library, ProviderError for a folder without a model."""
    model = place.settings.whisper_model
    if await asyncio.to_thread(_is_here, model):
        return Finding(name, State.OK, f"{model} is on this machine; finals only, no partials")
    return Finding(
        name,
        State.WARNING,
        f"{model} is not on this machine yet: the server downloads it when it starts (gigabytes)",
        "start the server once where it may reach the hub, or set WHISPER_MODEL to a folder",
    )


def _is_here(model: str) -> bool:
    from faster_whisper import download_model  # type: ignore[import-untyped]

    folder = Path(model)
    if folder.is_dir():
        if not (folder / MODEL_FILE).is_file():
            raise ProviderError("whisper_model_not_found", f"{folder} has no {MODEL_FILE}")
        return True
    try:
        download_model(model, local_files_only=True)
    except (OSError, ValueError):
        return False
    return True
