"""What an import of records found."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Dataset
from .problems import Problem


@dataclass(frozen=True)
class Records:
    """Records, and what was faulty in what they were read from."""

    datasets: tuple[Dataset, ...]
    problems: tuple[Problem, ...] = ()
