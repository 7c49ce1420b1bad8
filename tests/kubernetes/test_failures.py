"""What goes wrong on clusters: each in a clear sentence, nothing pending for ever, and running workspaces go on."""

from __future__ import annotations

import html
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hdh_jupyter.i18n import translate

from .cluster import Cluster, wait_until
from .platform import FIRST, SECOND, HubZone

pytestmark = pytest.mark.usefixtures("enforced")

NAMESPACE = f"hdh-prj-{FIRST}"
AWAY = 60
"""Seconds for which the API server answers nobody."""


def told(zone: HubZone, person: str, project: str) -> str:
    """Return the page that says why a workspace does not open."""
    _, reply = zone.ask(person, project)
    assert not reply.url.startswith(zone.base(project)), "it opens"
    return html.unescape(reply.content.decode())


@contextmanager
def configured(zone: HubZone, lines: str) -> Iterator[None]:
    """Have the hub run with other settings."""
    before = zone.settings
    zone.settings = f"{before}\n{lines}\n"
    try:
        zone.stop("hub")
        zone.start_hub()
        yield
    finally:
        zone.settings = before
        zone.stop("hub")
        zone.start_hub()


def test_an_exceeded_quota_is_told(zone: HubZone, cluster: Cluster) -> None:
    zone.open("emma", SECOND)
    zone.close("emma", SECOND)
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "of-the-administrator", "namespace": f"hdh-prj-{SECOND}"},
        "spec": {"hard": {"limits.memory": "100Mi"}},
    }
    cluster.put(quota)
    try:
        found = lambda: cluster.get("ResourceQuota", f"hdh-prj-{SECOND}", "of-the-administrator")  # noqa: E731
        wait_until(lambda: found()["status"].get("hard"), what="the quota holds")
        begun = time.monotonic()
        assert translate("spawner.kubernetes.quota_exceeded", "fr") in told(zone, "emma", SECOND)
        assert time.monotonic() - begun < 60
    finally:
        cluster.delete("ResourceQuota", f"hdh-prj-{SECOND}", "of-the-administrator")
    zone.open("emma", SECOND)
    zone.close("emma", SECOND)


def test_a_missing_image_is_told(zone: HubZone, cluster: Cluster) -> None:
    with configured(zone, 'c.KubeSpawner.image = "localhost/no-such-image:1"'):
        assert translate("spawner.kubernetes.image_missing", "fr") in told(zone, "emma", SECOND)
    wait_until(lambda: not cluster.list("Pod", f"hdh-prj-{SECOND}"), what="nothing stays pending")


def test_an_image_without_a_digest_is_refused(zone: HubZone, cluster: Cluster) -> None:
    with configured(zone, "c.ProjectKubeSpawner.require_digest = True"):
        assert translate("spawner.kubernetes.image_not_pinned", "fr") in told(zone, "emma", SECOND)
    assert cluster.list("Pod", f"hdh-prj-{SECOND}") == []


def test_the_api_server_is_gone_for_a_minute(zone: HubZone, cluster: Cluster) -> None:
    """Open workspaces go on and stay closed to the outside, none is opened meanwhile, and all are found again."""
    folder = os.environ.get("HDH_TEST_PROCESSES")
    if not folder:
        pytest.skip("HDH_TEST_PROCESSES names no API server that may be stopped")
    server = zone.open("alice", FIRST)
    [before] = cluster.list("Pod", NAMESPACE)
    process = int((Path(folder) / "api.pid").read_text())
    with server.kernel() as kernel:
        kernel.run("mark = 'still here'")
        os.kill(process, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            assert translate("spawner.kubernetes.api_away", "fr") in told(zone, "emma", SECOND)
            while time.monotonic() < stopped + AWAY:
                assert kernel.run("print(mark)").strip() == "still here"
                assert server.request("GET", "api/contents?content=0").status_code == 200
                time.sleep(5)
            assert zone.processes["hub"].poll() is None
        finally:
            os.kill(process, signal.SIGCONT)
        wait_until(lambda: cluster.ask("GET", "healthz").ok, 60, "the API server answers")
        time.sleep(20)
        assert kernel.run("print(mark)").strip() == "still here"
    [after] = cluster.list("Pod", NAMESPACE)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    zone.open("emma", SECOND)
    for person, project in (("emma", SECOND), ("alice", FIRST)):
        zone.close(person, project)
        wait_until(lambda project=project: not cluster.list("Pod", f"hdh-prj-{project}"), what="it is stopped")
