"""On a cluster whose network plugin enforces no policy, no workspace opens, and the page says why."""

from __future__ import annotations

import html
import os

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import open_database
from hdh_jupyter.i18n import translate
from hdh_jupyter.routes import read_route

from .cluster import Cluster, wait_until
from .enforcement import clear
from .platform import FIRST, HubZone

NAMESPACE = f"hdh-prj-{FIRST}"


@pytest.mark.skipif(os.environ.get("HDH_TEST_ENFORCED") == "1", reason="the plugin enforces policies here")
def test_a_workspace_that_reaches_out_does_not_open(zone: HubZone, cluster: Cluster) -> None:
    clear()
    _, reply = zone.ask("alice", FIRST)
    said = html.unescape(reply.content.decode())
    assert translate("spawner.kubernetes.not_enforced", "fr") in said
    policy = cluster.list("NetworkPolicy", NAMESPACE)
    assert [one["metadata"]["name"] for one in policy] == ["hdh-sealed"]
    assert read_route(zone.state.routes, FIRST) is None
    wait_until(lambda: not cluster.list("Pod", NAMESPACE), what="the pod is gone")
    events = AuditLog(open_database(zone.state.database_url), zone.state.key("audit")).tail(20)
    [refused] = [event for event in events if event.action == "workspace.refused"]
    assert (refused.actor, refused.project) == ("alice", FIRST)
    assert refused.detail["reason"] == "spawner.kubernetes.not_enforced"
    [probed] = [event for event in events if event.action == "workspace.probed"]
    assert {"tcp", "near"} <= set(probed.detail["failures"])
