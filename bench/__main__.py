"""Prints how fast the platform is beside named baselines of the same run: `make bench`, `make bench PART=disclosure`.

Nothing is asserted: a figure depends on the machine and on what else it does.
"""

from __future__ import annotations

import importlib
import sys

PARTS = (
    "catalogue",
    "disclosure",
    "gateway",
    "identifiers",
    "kubernetes",
    "loading",
    "quality",
    "soak",
    "suppression",
    "workspace",
)


def main() -> None:
    """Run the parts named on the command line, or all of them."""
    wanted = sys.argv[1:] or PARTS
    if unknown := set(wanted) - set(PARTS):
        raise SystemExit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for part in wanted:
        importlib.import_module(part).run()


if __name__ == "__main__":
    main()
