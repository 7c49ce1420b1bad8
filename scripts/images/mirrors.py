"""Where this machine gets its packages from, passed on to the build as arguments: no file of the project says it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

PASSED_ON = ("CRAN", "R_PACKAGES", "JULIA_SERVER", "JULIA_PKG_SERVER", "JULIA_DEPOT")
"""Arguments of the build that are taken from the environment as they are."""

OPTIONS = {"index-url": "PIP_INDEX_URL", "extra-index-url": "PIP_EXTRA_INDEX_URL", "find-links": "PIP_FIND_LINKS"}
"""pip's settings, and the arguments that say the same."""

SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))


class CredentialsError(Exception):
    """An address with a password, which the image's history would show to everybody who gets the image."""


@dataclass(frozen=True)
class Mirrors:
    """What a build is told.

    Attributes
    ----------
    arguments
        Arguments of the build: name -> value.
    folders
        Local folders of wheels or simple indexes: place on this machine -> name below `packages/` in the context.
    certificates
        The file of certificate authorities to trust for the downloads, None for the base's own.
    """

    arguments: Mapping[str, str]
    folders: Mapping[Path, str]
    certificates: Path | None


def this_machine() -> Mirrors:
    """Return what pip, apt and the environment of this machine say.

    Raises
    ------
    CredentialsError
    """
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = pip_settings(listed.stdout)
    apt = os.environ.get("APT_SOURCES") or apt_sources(SOURCES)
    return mirrors(settings, apt, os.environ)


def pip_settings(listing: str) -> dict[str, str]:
    """Return the settings in force of `pip config list`: the environment's before a file's."""
    found: dict[str, str] = {}
    for line in listing.splitlines():
        if match := re.fullmatch(r"(global|install|:env:)\.([a-z-]+)='(.*)'", line):
            section, name, value = match.groups()
            if section == ":env:" or name not in found:
                found[name] = value
    return found


def apt_sources(places: Iterable[Path]) -> str:
    """Return what apt's files name, in the one-line form, without the keys' places of this machine."""
    lines: list[str] = []
    for place in places:
        for file in sorted(place.iterdir()) if place.is_dir() else [place]:
            if file.suffix == ".list" and file.is_file():
                text = file.read_text("utf-8")
                lines += [one.group() for one in re.finditer(r"^deb\s+[^\[\s].*$", text, re.MULTILINE)]
            elif file.suffix == ".sources" and file.is_file():
                lines += _one_line_form(file.read_text("utf-8"))
    return "\n".join(dict.fromkeys(lines))


def _one_line_form(text: str) -> list[str]:
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
        if "deb" not in fields.get("Types", "").split() or fields.get("Enabled", "yes") == "no":
            continue
        components = fields.get("Components", "")
        found += [
            f"deb {uri} {suite} {components}".rstrip()
            for uri in fields["URIs"].split()
            for suite in fields["Suites"].split()
        ]
    return found


def mirrors(settings: Mapping[str, str], apt: str, environment: Mapping[str, str]) -> Mirrors:
    """Return what a build is told of these settings.

    Raises
    ------
    CredentialsError
    """
    folders: dict[Path, str] = {}
    arguments = {argument: _inside(settings[name], folders) for name, argument in OPTIONS.items() if settings.get(name)}
    arguments |= {"APT_SOURCES": apt} if apt else {}
    arguments |= {name: environment[name] for name in PASSED_ON if environment.get(name)}
    for name, value in arguments.items():
        if any(urlsplit(word).password for word in value.split() if "://" in word):
            raise CredentialsError(f"{name} holds a password: use a mirror without one, or a proxy that adds it")
    trusted = settings.get("cert") or environment.get("SSL_CERT_FILE")
    return Mirrors(arguments, folders, Path(trusted) if trusted else None)


def _inside(value: str, folders: dict[Path, str]) -> str:
    """Return the setting with places in the build instead of this machine's folders, which it adds to `folders`."""
    words = []
    for word in value.split():
        path = unquote(urlsplit(word).path) if word.startswith("file://") else word
        if not path.startswith("/"):
            words.append(word)
            continue
        place = Path(path)
        # The pages of a simple index name its files by paths that lead out of it, to a folder beside it.
        root = place.parent if place.name == "simple" else place
        name = folders.setdefault(root, str(len(folders)))
        inside = Path("/packages") / name / place.relative_to(root)
        words.append(f"file://{inside}" if word.startswith("file://") else str(inside))
    return " ".join(words)
