"""A hand on the flows for the pages and the API: the board of this process, and one business's flow.

What is shown of a flow is decided there; nothing is rendered here.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from dalpak.flows.board import FlowBoard, FlowView

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

Change = Callable[[FlowBoard, str], Awaitable[FlowView | None]]


def board_of(ext: "Extensions") -> FlowBoard | None:
    """None where flows are turned off: then nothing is ever sent."""
    return ext.flows.board if ext.flows is not None else None


async def change_flow(
    ext: "Extensions", business_id: str, flow_id: str, change: Change
) -> FlowView | None:
    """None when this business has no such flow, or nothing can be done to it."""
    board = board_of(ext)
    view = await board.flow(flow_id) if board is not None else None
    if board is None or view is None or view.business_id != business_id:
        return None
    return await change(board, flow_id)
