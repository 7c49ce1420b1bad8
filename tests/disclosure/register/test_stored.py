"""Registers as JSON: there and back, and what is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from hdh_jupyter.disclosure.register import stored
from hdh_jupyter.disclosure.register.model import Release, ReleasedCell, ReleasedTable

TABLE = ReleasedTable(
    "t.csv",
    "passages",
    {"place": ("corse", "bretagne"), "age": ("0-17",)},
    (
        ReleasedCell({"place": "corse", "age": "0-17"}, 1, 10),
        ReleasedCell({"place": "bretagne"}, 120, 120),
        ReleasedCell({}, 0, None),
    ),
)


def test_a_release_comes_back_as_it_was() -> None:
    release = Release("#1", (TABLE,))
    assert stored.from_stored(json.loads(json.dumps(stored.to_stored(release)))) == release


WRONG: list[tuple[tuple[Any, ...], Any]] = [
    (("name",), 3),
    (("tables",), None),
    (("tables", 0, "file"), "x" * 5000),
    (("tables", 0, "dimensions"), [["a", []], ["a", []]]),
    (("tables", 0, "cells", 0), [[0, 0], 5, 3]),
    (("tables", 0, "cells", 0), [[0], 5, 5]),
    (("tables", 0, "cells", 0), [[7, 0], 5, 5]),
    (("tables", 0, "cells", 0), [[True, 0], 5, 5]),
    (("tables", 0, "cells", 0), [[0, 0], -1, 5]),
    (("tables", 0, "cells", 0), [[0, 0], None, 5]),
    (("tables", 0, "cells", 0), [[0, 0], "5", 5]),
    (("tables", 0, "cells", 0), [[0, 0], float("nan"), 5]),
    (("tables", 0, "cells", 0), []),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=[f"{i:02}" for i in range(len(WRONG))])
def test_what_no_release_holds_is_refused(path: tuple[Any, ...], value: Any) -> None:
    form = copy.deepcopy(stored.to_stored(Release("#1", (TABLE,))))
    node: Any = form
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    with pytest.raises(ValueError, match="register"):
        stored.from_stored(form)


@pytest.mark.parametrize("form", [None, [], "x", {}], ids=["00", "01", "02", "03"])
def test_what_is_no_register_is_refused(form: Any) -> None:
    with pytest.raises(ValueError, match="register"):
        stored.from_stored(form)
