"""JSON written anew from its values: nothing escaped that need not be, no name twice, no number that JSON lacks."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..policy import Policy
from ..readers import structured
from ..readers.encoding import decoded, encoding_of
from .plain import clean


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean document, one value per line where it was so."""
    encoding = encoding_of(path)
    with out.open("w", encoding="utf-8", newline="\n") as stream:
        if structured.is_lines(path, encoding):
            for value in structured.records(path, encoding):
                stream.write(_written(value) + "\n")
        else:
            stream.write(_written(structured.parsed("".join(decoded(path, encoding)))) + "\n")
    return 0


def _written(value: Any) -> str:
    return json.dumps(_clean(value), ensure_ascii=False, allow_nan=False)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {clean(name): _clean(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_clean(child) for child in value]
    if isinstance(value, str):
        # A half of a pair of surrogates is no character.
        return clean(value.encode("utf-8", "replace").decode())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
