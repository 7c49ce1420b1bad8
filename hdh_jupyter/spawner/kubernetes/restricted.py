"""Whether a pod satisfies the "restricted" Pod Security standard. Pure.

The rules are those that Kubernetes publishes (Pod Security Standards, profiles "baseline" and "restricted", for pods
that run on Linux), written here because clusters older than 1.25 do not hold them, and because others can be told
not to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

VOLUMES = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
)

SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    )
)

SELINUX_TYPES = frozenset(("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"))

APPARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/"


def violations(pod: Mapping[str, Any]) -> list[str]:
    """Return the rules that a pod breaks, each by the field that breaks it; none means that it satisfies them."""
    spec = pod["spec"]
    found = [name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    found += [f"volumes.{volume['name']}" for volume in spec.get("volumes") or () if not _volume_allowed(volume)]
    context = spec.get("securityContext") or {}
    found += [f"pod.{rule}" for rule in _shared(context)]
    found += [
        f"pod.sysctls.{one.get('name')}" for one in context.get("sysctls") or () if one.get("name") not in SYSCTLS
    ]
    annotations = (pod.get("metadata") or {}).get("annotations") or {}
    found += [
        name
        for name, value in annotations.items()
        if name.startswith(APPARMOR_PREFIX) and value != "runtime/default" and not value.startswith("localhost/")
    ]
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(kind) or ():
            found += [f"{container['name']}.{rule}" for rule in _container(container, context)]
    return found


def _volume_allowed(volume: Mapping[str, Any]) -> bool:
    return {kind for kind in volume if kind != "name"} <= VOLUMES


def _shared(context: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rules that hold for the context of a pod as for that of a container."""
    if context.get("runAsUser") == 0:
        yield "runAsUser"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "windowsOptions.hostProcess"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield "seLinuxOptions"
    if (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault") == "Unconfined":
        yield "appArmorProfile"


def _container(container: Mapping[str, Any], of_pod: Mapping[str, Any]) -> Iterator[str]:
    context = container.get("securityContext") or {}
    yield from _shared(context)
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if context.get("runAsNonRoot", of_pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot"
    capabilities = context.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "capabilities.drop"
    if set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield "capabilities.add"
    profile = context.get("seccompProfile") or of_pod.get("seccompProfile") or {}
    if profile.get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile"
    if context.get("procMount", "Default") != "Default":
        yield "procMount"
    if any(port.get("hostPort") for port in container.get("ports") or ()):
        yield "hostPort"
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(kind) or {}
        if any((probe.get(way) or {}).get("host") for way in ("httpGet", "tcpSocket")):
            yield f"{kind}.host"
    for moment, hook in (container.get("lifecycle") or {}).items():
        if any((hook.get(way) or {}).get("host") for way in ("httpGet", "tcpSocket")):
            yield f"lifecycle.{moment}.host"
