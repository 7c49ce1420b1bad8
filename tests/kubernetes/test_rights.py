"""The hub runs these tests with exactly the rights that the platform asks for: none is missing, none is idle."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.spawner.kubernetes import rbac

from .cluster import Cluster
from .conftest import HUB_ACCOUNT, HUB_NAMESPACE
from .platform import FIRST, HubZone

HUB = f"system:serviceaccount:{HUB_NAMESPACE}:{HUB_ACCOUNT}"


def ordered() -> set[tuple[str, str, str]]:
    """Return the rights, one by one: group, resource, verb."""
    rules = [*rbac.rules(), *rbac.volume_rules(), *rbac.api_rules()]
    return {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.fixture(scope="module")
def audited(zone: HubZone) -> list[dict[str, Any]]:
    """What the hub has asked for so far, as the API server's audit log has it."""
    path = os.environ.get("HDH_TEST_AUDIT")
    if not path:
        pytest.skip("HDH_TEST_AUDIT names no audit log of the API server")
    return list(_events(Path(path), zone.started))


def _events(path: Path, since: str) -> Iterator[dict[str, Any]]:
    with path.open() as lines:
        for line in lines:
            event = json.loads(line)
            if event["user"]["username"] == HUB and event["requestReceivedTimestamp"] >= since:
                yield event


@pytest.mark.usefixtures("enforced")
def test_the_hub_asks_for_nothing_that_it_may_not(zone: HubZone, audited: list[dict[str, Any]]) -> None:
    assert len(audited) > 20
    decision = "authorization.k8s.io/decision"
    forbidden = [event["requestURI"] for event in audited if event["annotations"][decision] != "allow"]
    assert forbidden == []


def test_every_right_is_used(audited: list[dict[str, Any]]) -> None:
    used = {
        (event["objectRef"].get("apiGroup", ""), event["objectRef"]["resource"], event["verb"])
        for event in audited
        if "objectRef" in event
    }
    assert ordered() - used == set()
    assert used - ordered() == set()


@pytest.mark.parametrize(
    "path",
    [
        "api/v1/secrets",
        "api/v1/nodes",
        "api/v1/namespaces",
        f"api/v1/namespaces/hdh-prj-{FIRST}/pods/workspace/log",
        f"api/v1/namespaces/hdh-prj-{FIRST}/serviceaccounts",
        "apis/rbac.authorization.k8s.io/v1/clusterroles",
        "api/v1/namespaces/default/endpoints",
        "api/v1/namespaces/kube-system/configmaps",
    ],
)
def test_what_the_hub_does_not_need_it_may_not(hub_rights: Path, path: str) -> None:
    reply = Cluster(hub_rights).ask("GET", path)
    assert reply.status_code == 403, reply.text


def test_it_may_not_enter_a_pod_nor_give_itself_rights(hub_rights: Path, cluster: Cluster) -> None:
    hub = Cluster(hub_rights)
    assert hub.ask("POST", f"api/v1/namespaces/hdh-prj-{FIRST}/pods/workspace/exec?command=id").status_code == 403
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "hdh-test-climb"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": HUB_ACCOUNT, "namespace": HUB_NAMESPACE}],
    }
    assert hub.ask("POST", hub.path("ClusterRoleBinding"), binding).status_code == 403
    assert cluster.get("ClusterRoleBinding", name="hdh-test-climb") is None
