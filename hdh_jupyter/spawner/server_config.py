"""The configuration of the Jupyter server inside a workspace, as data. Pure."""

from __future__ import annotations

import importlib.util
from typing import Any

HOME = "/home/project"

CONFIGURATION = "/etc/jupyter"
"""The server's only configuration: read-only, and out of the home, where people could write their own."""

POLICY = f"{CONFIGURATION}/disclosure-policy.yaml"
"""The project's disclosure policy, by which checks inside advise as the hub zone decides."""

DATASETS = "/data"
"""Where each granted dataset is a folder, read-only."""

CATALOGUE = "/catalogue"
"""Where the catalogue's snapshot is, read-only."""

EXTENSIONS = (
    "hdh_lockdown",
    "hdh_catalogue",
    "hdh_egress",
    "jupyter_server_fileid",
    "jupyter_server_terminals",
    "jupyter_server_ydoc",
)
"""The server extensions of a workspace; whatever else is installed is not loaded."""


EDITS_KEPT = 3600
"""For how long after the last change to a shared document its single edits are kept, seconds; then only the whole."""


def installed_extensions() -> dict[str, bool]:
    """Return the extensions to enable: those whose package is there."""
    return {name: True for name in EXTENSIONS if importlib.util.find_spec(name.partition(".")[0]) is not None}


def inherited_socket(descriptor: int, label: str) -> dict[str, dict[str, Any]]:
    """Return how the server is told to take over a listening socket.

    Parameters
    ----------
    label
        What it calls that socket in its log.
    """
    return {"WorkspaceServer": {"listening_descriptor": descriptor}, "ServerApp": {"sock": label}}


def tcp_port(port: int) -> dict[str, dict[str, Any]]:
    """Return how the server is told to listen on a port of all its addresses, of both families, or to end."""
    return {"ServerApp": {"ip": "", "port": port, "port_retries": 0}}


def server_config(
    base_url: str, listening: dict[str, dict[str, Any]], extensions: dict[str, bool], kernels: list[str]
) -> dict[str, Any]:
    """Return the content of `jupyter_server_config.json`.

    Parameters
    ----------
    base_url
        The path below which the server answers.
    listening
        Where it listens: `inherited_socket` or `tcp_port`.
    kernels
        The names of the only kernels that it may start; without any, all that it finds.

    Notes
    -----
    Cross-site requests, the Host and the Origin are the gateway's to check: it alone can call the server, and knows
    the public address. The history of shared documents and the identifiers of files stay in memory and go with the
    workspace, because what is deleted must be gone (jupyter-collaboration keeps edits for ever by default).
    """
    return {
        **listening,
        "ServerApp": {
            **listening["ServerApp"],
            "base_url": base_url,
            "root_dir": HOME,
            "open_browser": False,
            "allow_remote_access": True,
            "allow_origin": "*",
            "disable_check_xsrf": True,
            "identity_provider_class": "hdh_lockdown.identity.GatewayIdentityProvider",
            "contents_manager_class": "hdh_lockdown.contents.ShownContentsManager",
            "jpserver_extensions": extensions,
            "use_redirect_file": False,
        },
        "ContentsManager": {"delete_to_trash": False},
        "FileContentsManager": {"delete_to_trash": False},
        "KernelSpecManager": {"ensure_native_kernel": False, "allowed_kernelspecs": kernels},
        "SQLiteYStore": {
            "db_path": "/tmp/ystore.db",  # noqa: S108 -- inside the workspace, its own
            "squash_after_inactivity_of": EDITS_KEPT,
        },
        "BaseFileIdManager": {"db_path": "/tmp/file_ids.db"},  # noqa: S108
        "YDocExtension": {"session_store_path": "/tmp/collaboration_sessions.json"},  # noqa: S108
    }


def server_environment(data: str) -> dict[str, str]:
    """Return the environment of a workspace that is the same wherever it runs.

    Parameters
    ----------
    data
        The data folder of Jupyter that holds the kernels.
    """
    return {
        "HOME": HOME,
        "USER": "project",
        "SHELL": "/bin/bash",
        "JUPYTER_CONFIG_DIR": CONFIGURATION,
        "JUPYTER_DATA_DIR": "/tmp/jupyter",  # noqa: S108 -- inside the workspace, its own
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter/runtime",  # noqa: S108
        "JUPYTER_PATH": data,
    }
