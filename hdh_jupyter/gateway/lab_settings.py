"""JupyterLab's settings: schemas and defaults of the installation, and on top of them what a person changed."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import json5
from jsonschema import Draft7Validator, ValidationError
from jupyterlab_server.settings_utils import get_settings
from jupyterlab_server.translation_utils import translator

from ..errors import PublicError
from ..i18n import translate
from .lab_documents import Entries, Owner, PersonalDocuments
from .lab_installation import LOCALES, Installation, setting_overrides
from .lab_translations import Translations
from .table import KIB

LANGUAGE_PLUGIN = "@jupyterlab/translation-extension:plugin"
LONGEST_RAW = 64 * KIB
"""Bytes of one plugin's settings. The parser of JSON with comments is slow (about 0.1 s for this much)."""

LOG = logging.getLogger(__name__)

Setting = dict[str, Any]


class LabSettings:
    """Everybody's settings.

    The methods wait for files: call them in a thread.
    """

    def __init__(self, installation: Installation, documents: PersonalDocuments, translations: Translations) -> None:
        self._installation = installation
        self._documents = documents
        self._translations = translations
        self._schemas: dict[str, Mapping[str, Setting]] = {}
        self._lock = threading.Lock()

    def all(self, owner: Owner, language: str) -> list[Setting]:
        """Return every plugin's settings, as `owner` has them.

        Parameters
        ----------
        language
            `fr` or `en`: the one of JupyterLab, unless the person chose another in the settings.
        """
        entries, sound = self._documents.read(owner)
        schemas = self._in_language_of(entries, language)
        return [_with_changes(schema, entries.get(name), sound, language) for name, schema in schemas.items()]

    def one(self, owner: Owner, name: str, language: str) -> Setting:
        """Return one plugin's settings.

        Raises
        ------
        PublicError
            `gateway.lab_no_setting`.
        """
        entries, sound = self._documents.read(owner)
        schema = self._in_language_of(entries, language).get(name)
        if schema is None:
            raise PublicError("gateway.lab_no_setting", 404)
        return _with_changes(schema, entries.get(name), sound, language)

    def save(self, owner: Owner, name: str, raw: str) -> None:
        """Keep what `owner` wrote for a plugin, JSON with comments.

        Raises
        ------
        PublicError
            `gateway.lab_no_setting`, `gateway.lab_bad_setting` or `gateway.lab_full`; nothing has changed.
        """
        schema = self._of_locale("en").get(name)
        if schema is None:
            raise PublicError("gateway.lab_no_setting", 404)
        if len(raw.encode(errors="replace")) > LONGEST_RAW:
            raise PublicError("gateway.lab_full", 413, limit=LONGEST_RAW)
        try:
            settings = _parse(raw)
            Draft7Validator(schema["schema"]).validate(settings)
        except (ValueError, RecursionError, ValidationError) as error:
            raise PublicError("gateway.lab_bad_setting", 400) from error
        self._documents.put(owner, name, {"raw": raw, "settings": settings})

    def locale(self, owner: Owner, language: str) -> str:
        """Return JupyterLab's name of the language that `owner` reads."""
        return self._chosen(self._documents.read(owner)[0], language)

    def _chosen(self, entries: Entries, language: str) -> str:
        settings = entries.get(LANGUAGE_PLUGIN, {}).get("settings")
        chosen = settings.get("locale") if isinstance(settings, dict) else None
        known = isinstance(chosen, str) and chosen in self._translations.installed
        return str(chosen) if known else LOCALES[language]

    def _in_language_of(self, entries: Entries, language: str) -> Mapping[str, Setting]:
        schemas = self._of_locale(self._chosen(entries, language))
        plugin = schemas.get(LANGUAGE_PLUGIN)
        if plugin is None:
            return schemas
        properties = plugin["schema"]["properties"]
        default = {**properties, "locale": {**properties["locale"], "default": LOCALES[language]}}
        return {**schemas, LANGUAGE_PLUGIN: {**plugin, "schema": {**plugin["schema"], "properties": default}}}

    def _of_locale(self, locale: str) -> Mapping[str, Setting]:
        # The library's translator is one for the whole process.
        with self._lock:
            if locale not in self._schemas:
                translator.set_locale(locale)
                found, warnings = get_settings(
                    "",
                    str(self._installation.schemas),
                    str(Path("/nonexistent")),
                    overrides=setting_overrides(),
                    labextensions_path=[str(self._installation.extensions)],
                    translator=translator.translate_schema,
                )
                for warning in filter(None, warnings):
                    LOG.warning("%s", warning)
                self._schemas[locale] = {setting["id"]: setting for setting in found["settings"]}
            return self._schemas[locale]


def _with_changes(schema: Setting, entry: dict[str, Any] | None, sound: bool, language: str) -> Setting:
    """Return a plugin's settings with a person's changes, or with a warning in their place when they do not fit."""
    if not sound:
        return {**schema, "warning": translate("gateway.lab_unreadable", language)}
    if entry is None:
        return schema
    raw, settings = entry.get("raw"), entry.get("settings")
    if not isinstance(raw, str) or not Draft7Validator(schema["schema"]).is_valid(settings):
        return {**schema, "warning": translate("gateway.lab_setting_ignored", language)}
    times = {name: entry.get(name) for name in ("created", "last_modified")}
    return {**schema, "raw": raw, "settings": settings, **times}


def _parse(raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return json5.loads(raw)
