"""Words by which persons, professionals and institutions are told apart in titles and texts."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

import re2
import yaml

from ..policy import word_list

WORDS: dict[str, frozenset[str]] = {
    name: frozenset(map(str, listed)) for name, listed in dict[str, Any](yaml.safe_load(word_list("persons"))).items()
}


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Return a text in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


@lru_cache(maxsize=8192)
def title_words(title: str) -> frozenset[str]:
    """Return the words of a column's title: `nomPatient` is nom, patient."""
    parted = re2.sub(r"([a-z])([A-Z])", r"\1 \2", title)
    return frozenset(re2.split(r"[^a-z0-9]+", plain(parted))) - {""}


def names(title: str, kind: str) -> bool:
    """Tell whether a title has a word of a list."""
    return bool(title_words(title) & WORDS[kind])


def is_first_name(word: str) -> bool:
    """Tell whether a word is a frequent first name; the first part of a compound one is enough."""
    return plain(word).partition("-")[0] in WORDS["first_names"]


def names_professional(title: str) -> bool:
    """Tell whether a title names the number of a health professional."""
    found = title_words(title)
    return bool(found & WORDS["professional_numbers"]) or (
        bool(found & WORDS["professionals"]) and bool(found & WORDS["numbers"])
    )


def names_person(title: str) -> bool:
    """Tell whether a title says that it holds persons' names: `nom_patient`, `nom_prenom`, `nom de naissance`."""
    found = title_words(title)
    return bool(found & WORDS["family_names"]) and bool(found & (WORDS["person_words"] | WORDS["given_names"]))
