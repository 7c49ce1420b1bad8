"""The platform's traffic among the hub's own Prometheus metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from jupyterhub.handlers.metrics import MetricsHandler
from jupyterhub.utils import metrics_authentication
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ..metering.budgets import Budgets, Limits
from .services import Services, open_services


class TrafficCollector:
    """Reads the traffic's figures from the database, each time it is asked."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        self._limits = limits

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registering must not wait for the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return totals, what is used of each budget, and how many requests wait."""
        total = CounterMetricFamily(
            "hdh_traffic_bytes",
            "Bytes that passed the gateway between browsers (out: towards them) and workspaces",
            labels=("project", "person", "channel", "direction"),
        )
        for flow, size in self._services.usage.totals().items():
            total.add_metric((flow.project, flow.person, flow.channel, flow.direction), size)
        labels = ("project", "person", "window")
        used = GaugeMetricFamily("hdh_traffic_used_bytes", "Bytes used of a budget", labels=labels)
        limit = GaugeMetricFamily("hdh_traffic_limit_bytes", "Bytes of a budget, grants included", labels=labels)
        now = time.time()
        meter = self._services.usage.meter(self._limits, now)
        for project, person in meter.accounts():
            standing = meter.standing(project, person, now)
            for level in (standing.hour, standing.day):
                used.add_metric((project, person, level.window.value), level.used)
                limit.add_metric((project, person, level.window.value), level.limit)
        waiting = GaugeMetricFamily("hdh_traffic_requests_pending", "Requests for more that wait for a decision")
        waiting.add_metric((), len(self._services.traffic_requests.pending()))
        return total, used, limit, waiting


class TrafficMetricsHandler(MetricsHandler):
    """`/hub/metrics`: the hub's own metrics and the traffic's, which are read in a thread.

    No page for a person: whoever asks has the scope `read:metrics`, usually by a service's token.
    """

    async def _metrics(self) -> None:
        services = open_services(self.settings["hdh_state_dir"])
        registry = CollectorRegistry()
        registry.register(TrafficCollector(services, Budgets(config=self.settings["config"]).limits))
        traffic = await asyncio.to_thread(generate_latest, registry)
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(REGISTRY) + traffic)

    get = metrics_authentication(_metrics)
