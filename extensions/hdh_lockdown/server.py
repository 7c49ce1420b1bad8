"""The Jupyter server of a workspace.

On one machine it takes its listening socket from the process that started it: the socket's file stays outside, where no
code of the workspace can replace it, and a caller who comes early waits in the socket's queue instead of being refused.
In a pod it listens on a port, and proves to the gateway which workspace it is.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys

# An optional check of internationalised addresses in JSON schemas, which compiles a grammar for most of a second at
# every start; jsonschema goes without it when it cannot be imported.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from jupyter_server.serverapp import ServerApp  # noqa: E402
from traitlets import Integer  # noqa: E402

from .proof import KEY_VARIABLE, serve_proofs  # noqa: E402

PR_SET_DUMPABLE = 4


class WorkspaceServer(ServerApp):
    """A Jupyter server on a socket that it inherits or on a port, with the extensions that its configuration names."""

    listening_descriptor = Integer(config=True, help="Take connections from this inherited descriptor.")

    default_services = tuple(  # type: ignore[assignment]  # the base's type counts its services
        service for service in ServerApp.default_services if service not in {"files", "nbconvert", "shutdown", "view"}
    )

    def _bind_http_server_unix(self) -> bool:
        listener = socket.socket(fileno=self.listening_descriptor)
        listener.setblocking(False)
        self.http_server.add_socket(listener)
        return True

    def init_webapp(self) -> None:
        super().init_webapp()
        # Kernels do not inherit it: it is of no use to them.
        key = os.environ.pop(KEY_VARIABLE, "")
        if key:
            serve_proofs(self.web_app, key)

    def migrate_config(self) -> None:
        """Take nothing over from `~/.ipython`, which every Python kernel makes: it would be run as configuration of
        IPython 3, and the mark that this was done cannot be written into a read-only configuration."""

    def find_server_extensions(self) -> None:
        """Leave out the extensions that are merely installed."""


def keep_to_itself() -> None:
    """Close this process's memory and descriptors to the other processes of its account, which kernels are.

    What a kernel could reach through `/proc/<pid>/mem` and `/proc/<pid>/fd` is what the filter of system calls denies
    it by ptrace(2). Programs that are started are open again.
    """
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)


if __name__ == "__main__":
    keep_to_itself()
    WorkspaceServer.launch_instance()
