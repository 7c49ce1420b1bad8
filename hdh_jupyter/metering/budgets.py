"""How much of a workspace may go to browsers: the configurable budgets."""

from __future__ import annotations

from dataclasses import dataclass

from traitlets import Float, Integer
from traitlets.config import Configurable

MB = 10**6
GB = 10**9


@dataclass(frozen=True)
class Limits:
    """What one person of one project may be shown, and the project as a whole; bytes, and a share from 0 to 1."""

    hour: int
    day: int
    project_day: int
    soft_share: float


class Budgets(Configurable):
    """How many bytes of a workspace may go to browsers, per person and project.

    Counted is everything that the workspace itself sends: files, kernels' answers, shared documents, terminals.
    JupyterLab's own page and scripts are not. The defaults leave room for people who work with notebooks and plots all
    day: a plot is 30 to 200 kB, so that 200 of them in an hour are 40 MB at most; a large notebook (20 MB) can be
    opened ten times in an hour. A whole database of health records does not pass unseen.
    """

    person_hour = Integer(
        200 * MB,
        min=MB,
        help="Show a person at most this many bytes of one project in any 60 minutes; at least 1 MB.",
        config=True,
    )
    person_day = Integer(
        800 * MB,
        min=MB,
        help="Show a person at most this many bytes of one project in a calendar day; at least 1 MB.",
        config=True,
    )
    project_day = Integer(
        4 * GB,
        min=MB,
        help="Show all people of a project together at most this many bytes in a calendar day; at least 1 MB.",
        config=True,
    )
    soft_share = Float(
        0.8, min=0.1, max=1.0, help="Warn once this share of a budget is used, between 0.1 and 1.", config=True
    )
    reduced_replies = Integer(
        600,
        min=0,
        help="Carry out at most this many savings, deletions and stops of kernels of a person in 60 minutes once a "
        "budget is spent; each is answered a few hundred bytes, of which the workspace chooses some 20.",
        config=True,
    )
    flush_interval = Float(
        2.0,
        min=0.05,
        max=60.0,
        help="Write what was counted to the database every so many seconds; a `kill -9` loses the count of that time.",
        config=True,
    )
    store_grace = Float(
        60.0,
        min=1.0,
        help="Show nothing more once the database could not be written or read for this many seconds.",
        config=True,
    )
    kept_days = Integer(
        35, min=2, help="Keep the figures of five minutes for this many days; totals are kept for ever.", config=True
    )

    @property
    def limits(self) -> Limits:
        """The limits before anything was granted."""
        return Limits(self.person_hour, self.person_day, self.project_day, self.soft_share)
