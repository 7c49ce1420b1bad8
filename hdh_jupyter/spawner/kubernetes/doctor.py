"""What an administrator should know of how workspaces on a cluster are set. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...i18n import translate
from .settings import DIGEST, ClusterSettings

AREA = "spawner.kubernetes.doctor"


@dataclass(frozen=True)
class Remark:
    """One thing to know.

    Attributes
    ----------
    code
        The key of its sentence.
    weakens
        Whether it makes workspaces less closed than they are by default.
    params
        What the sentence names.
    """

    code: str
    weakens: bool
    params: tuple[tuple[str, str], ...] = ()

    def message(self, language: str) -> str:
        return translate(self.code, language, **dict(self.params))


def remarks(settings: ClusterSettings, image: str) -> list[Remark]:
    """Return what there is to know of the settings, in the order of their weight.

    Parameters
    ----------
    image
        The image of workspaces.
    """
    found = [
        Remark(f"{AREA}.egress_exception", True, (("address", one.address), ("port", str(one.port))))
        for one in settings.exceptions()
    ]
    if not found:
        found.append(Remark(f"{AREA}.no_egress", False))
    if not settings.require_digest or not DIGEST.fullmatch(image):
        found.append(Remark(f"{AREA}.image_may_change", True, (("image", image),)))
    if not settings.check_ingress:
        found.append(Remark(f"{AREA}.ingress_unchecked", True))
    if not settings.runtime_class:
        found.append(Remark(f"{AREA}.shared_kernel", False))
    if not settings.dataset_volumes:
        found.append(Remark(f"{AREA}.no_datasets", False))
    if not settings.catalogue_volume:
        found.append(Remark(f"{AREA}.no_catalogue", False))
    return found
