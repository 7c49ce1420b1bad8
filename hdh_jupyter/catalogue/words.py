"""How a text becomes words to search by: case and accents folded first, then a light French stem.

The order matters: stemming before folding loses one accented word in seven when it is typed without accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[a-z0-9]+")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'"})

_STEMMER = snowballstemmer.stemmer("french")


def fold(text: str) -> str:
    """Return the text in lower case, without accents and ligatures."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the folded words of a text, elided articles apart (`l'âge` is `l` and `age`)."""
    return WORD.findall(fold(text))


STOP_WORDS = frozenset(
    words(
        "a au aux avec ce ces d dans de des du elle en est et il ils l la le les leur ou par pas pour qu que qui s sa"
        " se ses son sur un une y an and by for from in is of on or the to with"
    )
)


def meaningful(found: list[str]) -> list[str]:
    """Return the words without those that every text has; all of them when nothing else is left."""
    return [word for word in found if word not in STOP_WORDS] or found


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the stem of a folded word; short words and those with a digit stay whole, they are mostly codes."""
    if len(word) < 4 or not word.isalpha():
        return word
    stemmed: str = _STEMMER.stemWord(word)
    return stemmed
