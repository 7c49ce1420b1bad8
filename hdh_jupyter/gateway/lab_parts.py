"""JupyterLab's page and its data, put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .lab_documents import PersonalDocuments
from .lab_installation import Installation
from .lab_layouts import LabLayouts
from .lab_page import LabPage
from .lab_settings import LabSettings
from .lab_translations import Translations
from .lab_versions import Versions
from .table import MIB


@dataclass(frozen=True)
class Lab:
    """JupyterLab's page and the data that belongs to it."""

    page: LabPage
    settings: LabSettings
    layouts: LabLayouts
    translations: Translations
    versions: Versions


def make_lab(folder: Path, installation: Installation | None = None) -> Lab:
    """Return the parts.

    Parameters
    ----------
    folder
        Where people's settings and layouts are kept.
    """
    installation = installation or Installation()
    translations = Translations()
    return Lab(
        page=LabPage(installation),
        settings=LabSettings(installation, PersonalDocuments(folder, "settings", MIB), translations),
        layouts=LabLayouts(PersonalDocuments(folder, "layouts", 4 * MIB)),
        translations=translations,
        versions=Versions(),
    )
