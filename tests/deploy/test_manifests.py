"""The hub zone's manifests: valid for the clusters they are for, and what they promise of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from traitlets.config import Config

from hdh_jupyter.spawner.kubernetes.objects import PROJECT_LABEL, SERVER_PORT
from hdh_jupyter.spawner.kubernetes.spawner import ProjectKubeSpawner

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
VERSIONS = ("1.25", "1.29", "1.33", "1.35")
NEW = {"check-worker": ("1.33", "1.35")}
"""What only newer clusters know: pods with user namespaces of their own."""


def load(name: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((FOLDER / name).read_text()) if one]


KUSTOMIZATION = load("kustomization.yaml")[0]
OBJECTS = [one for name in KUSTOMIZATION["resources"] for one in load(name)]
VALUES = load("values.yaml")[0]


def found(kind: str, name: str) -> dict[str, Any]:
    [one] = [one for one in OBJECTS if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return one


def test_every_file_is_listed() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")}
    assert files == {*KUSTOMIZATION["resources"], "kustomization.yaml", "values.yaml"}


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid(version: str) -> None:
    for one in OBJECTS:
        if version in NEW.get(one["metadata"]["name"], VERSIONS) or one["kind"] != "Deployment":
            kubernetes_validate.validate(one, version, strict=True)


def test_an_invalid_manifest_is_found() -> None:
    wrong = {**found("Service", "gateway"), "spec": {"ports": [{"port": "http"}]}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.33", strict=True)


@pytest.mark.parametrize("name", ["gateway", "check-worker"])
def test_pods_have_no_account_and_no_rights(name: str) -> None:
    pod = found("Deployment", name)["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert not any("hostPath" in volume for volume in pod["volumes"])
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)


def test_the_gateway_is_whom_workspaces_let_in() -> None:
    spawner = ProjectKubeSpawner.class_traits(config=True)
    labels = found("Deployment", "gateway")["spec"]["template"]["metadata"]["labels"]
    namespace = found("Namespace", KUSTOMIZATION["namespace"])["metadata"]["labels"]
    assert spawner["gateway_labels"].default().items() <= labels.items()
    assert spawner["hub_zone_labels"].default().items() <= namespace.items()
    selector = found("Service", "gateway")["spec"]["selector"]
    assert selector.items() <= labels.items()
    for name in ("gateway_labels", "hub_zone_labels"):
        others = found("Deployment", "check-worker")["spec"]["template"]["metadata"]["labels"]
        assert not (name == "gateway_labels" and spawner[name].default().items() <= others.items())


def test_the_gateway_calls_workspaces_and_only_the_proxy_and_the_hub_call_it() -> None:
    policy = found("NetworkPolicy", "gateway")["spec"]
    [rule] = policy["ingress"]
    callers = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for peer in rule["from"]]
    assert sorted(callers) == ["hub", "proxy"]
    targets = [
        rule["ports"][0]["port"]
        for rule in policy["egress"]
        for peer in rule["to"]
        for expression in peer.get("namespaceSelector", {}).get("matchExpressions", ())
        if (expression["key"], expression["operator"]) == (PROJECT_LABEL, "Exists")
    ]
    assert targets == [SERVER_PORT]


def test_the_check_worker_is_called_by_nobody() -> None:
    policy = found("NetworkPolicy", "check-worker")["spec"]
    assert (policy["ingress"], policy["policyTypes"]) == ([], ["Ingress", "Egress"])
    ports = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    assert ports == {53, 5432}


def test_the_chart_runs_the_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the values have the chart's hub execute does what the profile does."""
    given = VALUES["hub"]["extraEnv"]
    settings = found("ConfigMap", "hdh")["data"]
    for name in ("HDH_ORIGIN", "HDH_HUB_URL", "HDH_GATEWAY_URL", "HDH_STATE"):
        assert given[name] == settings[name]
        monkeypatch.setenv(name, given[name])
    monkeypatch.setenv("HDH_STATE", str(tmp_path / "state"))
    (tmp_path / "platform.py").write_text(settings["platform.py"])
    config = Config()
    for name, program in sorted(VALUES["hub"]["extraConfig"].items()):
        program = program.replace("/etc/hdh/platform.py", str(tmp_path / "platform.py"))
        exec(compile(program, name, "exec"), {"c": config})  # noqa: S102  # as the chart does
    assert config.JupyterHub.spawner_class == "hdh-kubernetes"
    assert config.JupyterHub.authenticator_class == VALUES["hub"]["config"]["JupyterHub"]["authenticator_class"]
    assert config.JupyterHub.subdomain_host == VALUES["hub"]["config"]["JupyterHub"]["subdomain_host"]
    assert config.KubeSpawner.image.startswith("localhost/hdh-workspace:")


def test_nothing_privileged_is_added_to_workspaces() -> None:
    single = VALUES["singleuser"]
    assert single["cloudMetadata"]["blockWithIptables"] is False
    assert single["storage"]["type"] == "none"
    assert VALUES["rbac"]["create"] is False
