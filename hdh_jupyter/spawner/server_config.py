"""The configuration of the Jupyter server inside a workspace, as data. Pure."""

from __future__ import annotations

import importlib.util
from typing import Any

HOME = "/home/project"

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


def server_config(
    base_url: str, descriptor: int, label: str, extensions: dict[str, bool], kernels: list[str]
) -> dict[str, Any]:
    """Return the content of `jupyter_server_config.json`.

    Parameters
    ----------
    base_url
        The path below which the server answers.
    descriptor
        The listening socket that it inherits.
    label
        What it calls that socket in its log.
    kernels
        The names of the only kernels that it may start.

    Notes
    -----
    Cross-site requests, the Host and the Origin are the gateway's to check: it alone can call the server, and knows
    the public address. The history of shared documents and the identifiers of files stay in memory and go with the
    workspace, because what is deleted must be gone (jupyter-collaboration keeps edits for ever by default).
    """
    return {
        "WorkspaceServer": {"listening_descriptor": descriptor},
        "ServerApp": {
            "base_url": base_url,
            "sock": label,
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
            "db_path": "/tmp/ystore.db",  # noqa: S108 -- inside the sandbox, its own
            "squash_after_inactivity_of": EDITS_KEPT,
        },
        "BaseFileIdManager": {"db_path": "/tmp/file_ids.db"},  # noqa: S108
        "YDocExtension": {"session_store_path": "/tmp/collaboration_sessions.json"},  # noqa: S108
    }
