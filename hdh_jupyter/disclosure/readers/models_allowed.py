"""What a pickle of a data project may import: reconstruction functions and classes of known libraries, by name.

A class of a known library is let through by its shape (a capital, in a submodule that neither reads files, nor tests,
nor evaluates text); functions one by one. Everything else is taken for a program that somebody else would run.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2
import yaml

from ..policy import word_list

FUNCTIONS = frozenset(yaml.safe_load(word_list("models"))["functions"])
"""Functions and classes that are let through one by one."""

ROOTS = (
    "sklearn|numpy|pandas|scipy|statsmodels|lifelines|sksurv|imblearn|category_encoders|patsy|formulaic|xgboost|"
    "lightgbm|catboost|mord|pygam|linearmodels|torch|torchvision"
)
REFUSED = re2.compile(
    r"(?:^|\.)(?:io|tests?|testing|_testing|f2py|distutils|ctypeslib|computation|datasets?|externals|hub|jit|utils\._pytree"
    r"|multiprocessing|distributed|package|sas|_private|cpp_extension|data_utils|memmap|_npyio_impl|npyio|_datasource"
    r"|lib|weave|compat|eval|sandbox|pydantic_utils|_array_api|api_preview|callback|rpy)(?:\.|$)"
)
"""Parts of a path that read files, reach the network, or evaluate text."""
CLASS = re2.compile(rf"^(?:{ROOTS})(?:\.[a-z_][a-z0-9_]*)+\._?[A-Z][A-Za-z0-9_]*$")
REBUILT = re2.compile(
    r"^sklearn(?:\.[a-z_][a-z0-9_]*)+\.(?:newObj|__pyx_unpickle_[A-Za-z0-9_]+)$"
    r"|^scipy\.sparse(?:\._?[a-z]+)?\.(?:csr|csc|coo|lil|dok|bsr|dia)_(?:matrix|array)$"
    r"|^numpy\.(?:bool_?|u?int(?:8|16|32|64|c|p|_)?|float(?:16|32|64|_)?|complex(?:64|128)?|str_?|bytes_?|object_"
    r"|datetime64|timedelta64|dtypes\.[A-Z]\w+DType)$"
    r"|^pandas\.[A-Z][A-Za-z0-9]*(?:Dtype|Index|Array)$"
    r"|^torch\.(?:u?int(?:8|16|32|64)|float(?:16|32|64)?|double|half|bfloat16|bool|long|short|complex(?:64|128)|strided)$"
    r"|^torch\.(?:cuda\.)?(?:Double|Float|Half|BFloat16|Long|Int|Short|Char|Byte|Bool|Untyped)Storage$"
)


def unknown(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a pickle may not import, in their order."""
    return tuple(name for name in names if not _allowed(name))


def _allowed(name: str) -> bool:
    if name in FUNCTIONS or REBUILT.match(name):
        return True
    return CLASS.match(name) is not None and REFUSED.search(name.rpartition(".")[0]) is None
