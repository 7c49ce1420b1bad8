"""What a workspace on a cluster may use: as on one machine, but no share of the machine on which the hub runs."""

from __future__ import annotations

from jupyterhub.traitlets import ByteSpecification
from traitlets import Float

from ..limits import WorkspaceLimits

GIB = 2**30


class ClusterLimits(WorkspaceLimits):
    """How much of the cluster one workspace may use.

    Processes, open files and the size of single files are the cluster's to limit (the kubelet's `podPidsLimit`, the
    container runtime's own limits).
    """

    memory = ByteSpecification(4 * GIB, config=True, help="Give a workspace this much memory at most, `/tmp` included.")
    cpu = Float(2.0, min=0.1, config=True, help="Give a workspace this many cores at most.")
    disk = ByteSpecification(
        20 * GIB, config=True, help="Ask for a home of this size when a project is opened for the first time."
    )
    tmp = ByteSpecification(GIB, config=True, help="Let `/tmp`, which is in memory, hold this much.")
    shared_memory = ByteSpecification(GIB, config=True, help="Let `/dev/shm`, which is in memory, hold this much.")
