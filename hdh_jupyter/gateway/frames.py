"""What a workspace may send over each kind of websocket: which frames, how large, and JSON where it must be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from .table import MIB, Channel

KERNEL_PROTOCOL = "v1.kernel.websocket.jupyter.org"
"""Jupyter's binary framing of kernel messages; without it they are JSON text, or binary when buffers go along."""

UNSUPPORTED = 1003
TOO_BIG = 1009
"""Close codes of RFC 6455, 7.4.1."""

PARSED_AT_ONCE = 64 * 1024
"""Bytes of JSON that are parsed on the event loop; larger messages are parsed in a thread."""


@dataclass(frozen=True)
class FrameRule:
    """What may come over one kind of websocket.

    Attributes
    ----------
    longest
        Bytes of one message.
    json_type
        What a text must be, parsed; None leaves it to the browser.
    """

    text: bool
    binary: bool
    longest: int
    json_type: type[object] | None = None


KERNEL_BINARY = FrameRule(text=False, binary=True, longest=32 * MIB)

RULES: Mapping[Channel, FrameRule] = {
    Channel.KERNEL: FrameRule(text=True, binary=True, longest=32 * MIB),
    # A document is sent whole when it is opened: as large as the largest file that may be read.
    Channel.ROOM: FrameRule(text=False, binary=True, longest=64 * MIB),
    Channel.TERMINAL: FrameRule(text=True, binary=False, longest=8 * MIB, json_type=list),
    Channel.EVENTS: FrameRule(text=True, binary=False, longest=MIB, json_type=dict),
}


def rule_for(channel: Channel, protocol: str | None) -> FrameRule:
    """Return what may come over a websocket of a channel that speaks a subprotocol.

    Raises
    ------
    KeyError
        No websocket has this channel: a mistake in the route table.
    """
    return KERNEL_BINARY if channel is Channel.KERNEL and protocol == KERNEL_PROTOCOL else RULES[channel]


def is_json(text: bytes, wanted: type[object]) -> bool:
    """Say whether a text is JSON of the type that is wanted."""
    try:
        return isinstance(json.loads(text), wanted)
    except (ValueError, RecursionError):
        return False
