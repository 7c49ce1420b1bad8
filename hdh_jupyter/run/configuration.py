"""The one configuration file, which the hub and the platform's other processes read alike.

The hub reads it by itself; here are the parts that the others take from it. A mistake stops the platform at its start,
in one sentence: a limit with a misspelt name would otherwise silently stay what it was.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TypeVar

from traitlets import TraitError
from traitlets.config import Config, Configurable
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from ..catalogue.search.configuration import CatalogueSearch
from ..errors import PublicError
from ..gateway.limits import GatewayLimits
from ..gateway.policy import WorkspacePolicy
from ..metering.budgets import Budgets

READ: tuple[type[Configurable], ...] = (Budgets, CatalogueSearch, GatewayLimits, WorkspacePolicy)
"""The sections that the platform's own processes read."""

Section = TypeVar("Section", bound=Configurable)


def load_configuration(path: Path) -> Config:
    """Run a configuration file and return what it sets.

    Raises
    ------
    PublicError
        `run.no_configuration` or `run.bad_configuration`.
    """
    path = path.absolute()
    try:
        config: Config = PyFileConfigLoader(path.name, str(path.parent)).load_config()
    except ConfigFileNotFound as error:
        raise PublicError("run.no_configuration", 500, path=str(path)) from error
    except (Exception, SystemExit) as error:
        raise PublicError("run.bad_configuration", 500, path=str(path), reason=_reason(error, path)) from error
    return config


def configured(section: type[Section], config: Config) -> Section:
    """Return a section as the configuration has it.

    Raises
    ------
    PublicError
        `run.unknown_setting` or `run.bad_setting`.
    """
    name = section.__name__
    known = section.class_trait_names(config=True)
    for setting in config.get(name, {}):
        if setting not in known:
            raise PublicError("run.unknown_setting", 500, setting=f"{name}.{setting}", known=", ".join(sorted(known)))
    try:
        return section(config=config)
    except TraitError as error:
        raise PublicError("run.bad_setting", 500, section=name, reason=str(error)) from error


def check_configuration(path: Path) -> Config:
    """Read everything that the platform's own processes take from a configuration file, and return the file.

    Raises
    ------
    PublicError
        What :func:`load_configuration` and :func:`configured` raise.
    """
    config = load_configuration(path)
    for section in READ:
        configured(section, config)
    return config


def _reason(error: BaseException, path: Path) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"line {line}: " if line else ""
    return f"{where}{type(error).__name__}: {error}"
