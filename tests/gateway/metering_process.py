"""A process that charges without an end, and says after each write what it had counted by then."""

from __future__ import annotations

import asyncio
import sys

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.gateway.table import Channel
from hdh_jupyter.gateway.traffic import Traffic
from hdh_jupyter.gateway.watch import AccessWatch
from hdh_jupyter.metering.budgets import Budgets
from hdh_jupyter.metering.requests import TrafficRequests
from hdh_jupyter.metering.usage import UsageStore


async def main(url: str) -> None:
    database = Database(url)
    audit = AuditLog(database, bytes(32))

    async def nobody(*_: object) -> None:
        """Take notice of nothing: no websocket is open here."""

    traffic = Traffic(
        Budgets(), UsageStore(database, audit), TrafficRequests(database, audit), AccessWatch(1.0, 1.0, nobody)
    )
    await traffic.sync()
    charged = 0
    while True:
        traffic.charge("vega", "ada", Channel.KERNEL, 10)
        charged += 10
        await traffic.sync()
        print(charged, flush=True)


asyncio.run(main(sys.argv[1]))
