"""The messenger that sends nothing: the default without keys.

Nothing leaves the machine. The text is in the Message row, where `dalpak outbox` and the console
show it; the flow that asked writes the state `recorded` there. No network and no database belong
here.
"""

from dalpak.ports.messenger import Delivery, DeliveryState, Features, OutgoingMessage


class OutboxMessenger:
    """Every message is recorded, and a repeated one changes nothing."""

    name = "outbox"
    features = Features(deduplicates=True, can_be_asked=True)

    async def send(self, message: OutgoingMessage) -> Delivery:
        return Delivery(DeliveryState.RECORDED, provider_id=message.idem_key)

    async def lookup(self, _message: OutgoingMessage) -> Delivery | None:
        return None

    async def aclose(self) -> None:
        """Nothing is open."""
