"""Every socket transport by name: the codec whose recorded messages the contract suite runs.

To add one: a pure codec beside this file, one line here, a socket in web/ if its handshake differs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dalpak.telephony import browser, twilio
from dalpak.telephony.drop import Drop


@dataclass(frozen=True, slots=True)
class Transport:
    """`parse` is total: any frame gives an event or a `Drop`."""

    name: str
    parse: Callable[[str | bytes], object | Drop]


TRANSPORTS: dict[str, Transport] = {
    "twilio": Transport("twilio", twilio.parse),
    "browser": Transport("browser", browser.parse),
}
