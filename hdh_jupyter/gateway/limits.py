"""How long and how much: the gateway's configurable limits."""

from __future__ import annotations

from traitlets import Float, Integer
from traitlets.config import Configurable

from .table import MIB


class GatewayLimits(Configurable):
    """The limits of one gateway process; those of a single route stand in the route table."""

    access_cache = Integer(
        2, min=1, help="Believe the hub's answer on who somebody is for this many seconds.", config=True
    )
    access_interval = Float(
        3.0,
        min=0.05,
        help="Ask again whether the people behind open websockets still have access, every so many seconds.",
        config=True,
    )
    access_grace = Float(
        15.0,
        min=0.0,
        help="Close a websocket when the hub could not confirm the person's access for this many seconds.",
        config=True,
    )
    connect_timeout = Float(
        5.0, min=0.1, help="Call a workspace down when its socket accepts nobody for this many seconds.", config=True
    )
    reply_timeout = Float(
        120.0,
        min=0.1,
        help="Give up a reply of which nothing came for this many seconds (a kernel's start is slow).",
        config=True,
    )
    exchange_timeout = Float(
        600.0,
        min=1.0,
        help="End any single request after this many seconds, however much is still to come.",
        config=True,
    )
    message_in = Integer(
        32 * MIB, min=1024, help="Refuse a websocket message from a browser that is larger, bytes.", config=True
    )
    message_out = Integer(
        64 * MIB, min=1024, help="Refuse a websocket message from a workspace that is larger, bytes.", config=True
    )
    contents_text = Integer(
        32 * MIB,
        min=1024,
        max=39 * MIB,
        help="Show no file or notebook whose text is longer, bytes as JSON: a notebook of a few hundred figures still "
        "opens, what JupyterLab could only crawl through does not. One limit for both, since data can be written into "
        "a notebook; what a person reads altogether is for the budgets.",
        config=True,
    )
    contents_image = Integer(
        2 * MIB,
        min=1024,
        help="Show no picture file that is larger, bytes: a figure for print stays below.",
        config=True,
    )
    exchanges = Integer(
        64,
        min=1,
        help="Have at most this many requests to one workspace under way: a slow one takes its own places alone.",
        config=True,
    )
    waiting = Integer(
        256, min=0, help="Have at most this many more requests to one workspace wait for a place.", config=True
    )
    large_replies = Integer(
        2, min=1, help="Hold at most this many replies of one workspace above 1 MiB in memory.", config=True
    )
    websockets = Integer(512, min=1, help="Have at most this many websockets to one workspace open.", config=True)
    staged_files = Integer(100, min=1, help="Take at most this many files in one request.", config=True)
    staged_bytes = Integer(
        512 * MIB, min=1, help="Take at most this many bytes in one request, all files together.", config=True
    )
    staged_timeout = Float(
        300.0, min=1.0, help="Give up the pull of a request's files after this many seconds.", config=True
    )
    stop_timeout = Float(
        3.0, min=0.0, help="Wait this many seconds for running requests when the gateway ends.", config=True
    )
