"""A process to be killed: `victim.py FOLDER POINT` says when it stands at the point, and stands. The
folder has the database of an office.

Points: `uncommitted` (the fact and its flow written, not committed) · `committed` (committed,
nothing runs yet) · `sending` (the row says sending, the messenger was not reached) · `sent` (the
messenger has it, the outcome is not written).
"""

import asyncio
import sys
from pathlib import Path

from flow_office import SALON, SCOPE, Office

from dalpak.domain.events import call_ended
from dalpak.ports.messenger import Delivery, OutgoingMessage
from dalpak.services.whatsapp.outbox import OutboxMessenger


def announce(point: str) -> None:
    sys.stdout.write(f"{point}\n")
    sys.stdout.flush()


class Stuck:
    """Writes what reached it to a file, if it is told to get that far, and never answers."""

    name = "outbox"
    features = OutboxMessenger.features

    def __init__(self, folder: Path, point: str) -> None:
        self._folder = folder
        self._point = point

    async def send(self, message: OutgoingMessage) -> Delivery:
        if self._point == "sent":
            (self._folder / "sent.txt").write_text(message.idem_key + "\n", encoding="utf-8")
        announce(self._point)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def lookup(self, _message: OutgoingMessage) -> Delivery | None:
        return None

    async def aclose(self) -> None:
        """Nothing is open."""


async def main(folder: Path, point: str) -> None:
    office = Office(folder)
    engine = office.hire(Stuck(folder, point))
    await engine.prepare()
    await office.call()
    if point in {"sending", "sent"}:
        await engine.start()
    if point == "uncommitted":
        async with office.store.writing(SCOPE) as w:
            await w.publish(call_ended(SALON.id, "call_1", office.clock.now()))
            announce(point)
            await asyncio.Event().wait()
    await office.end_call()
    if point == "committed":
        announce(point)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
