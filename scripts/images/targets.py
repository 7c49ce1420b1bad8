"""The images that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PYTHON_AND_DEBIAN = ("APT_SOURCES", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
LANGUAGES = ("CRAN", "R_PACKAGES", "JULIA_SERVER", "JULIA_PKG_SERVER", "JULIA_DEPOT")

AS_IT_IS: tuple[str, ...] = ()
"""With a root that can be written, so that nothing but the image itself forbids it."""

AS_A_CLUSTER = ("--read-only", "--volume=/home/project", "--tmpfs=/tmp")
"""A cluster's root is read-only, and the home is a volume."""

FOR_SANDBOXES = ("--security-opt=unmask=ALL", "--security-opt=seccomp=unconfined")
"""What the check worker needs for a sandbox to each check: /proc unmasked, or the kernel refuses a sandbox one of its
own, and no filter against the calls that make it."""

Proofs = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Target:
    """An image to build.

    Attributes
    ----------
    folder
        Below images/; the proof in images/smoke has the same name.
    suffix
        Of the tag.
    mirrors
        The arguments about mirrors that its Containerfile takes.
    arguments
        Its other arguments.
    proofs
        How its proof is run: options of the container, arguments of the proof.
    """

    name: str
    folder: str
    image: str
    suffix: str
    mirrors: tuple[str, ...]
    proofs: Proofs
    arguments: Mapping[str, str] = field(default_factory=dict)


def _workspace(flavour: str, suffix: str) -> Target:
    return Target(
        name=f"workspace-{flavour}",
        folder="workspace",
        image="hdh-workspace",
        suffix=suffix,
        mirrors=(*PYTHON_AND_DEBIAN, *LANGUAGES),
        proofs=((AS_IT_IS, (flavour,)), (AS_A_CLUSTER, (flavour,))),
        arguments={"FLAVOUR": flavour},
    )


_HUB = Target(
    name="hub",
    folder="hub",
    image="hdh-hub",
    suffix="",
    mirrors=PYTHON_AND_DEBIAN,
    proofs=((AS_IT_IS, ()), ((*AS_A_CLUSTER, *FOR_SANDBOXES), ("sealed",))),
)

TARGETS = {target.name: target for target in (_workspace("minimal", "-minimal"), _workspace("full", ""), _HUB)}
