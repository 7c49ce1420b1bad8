"""The stages of a record's draft, and who may do what at each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hdh_jupyter.errors import PublicError

from .negotiation import Side


class Stage(StrEnum):
    """How far a draft is."""

    NONE = "none"
    """There is no draft: the record stands as it is published, or was withdrawn, or does not exist yet."""
    DRAFT = "draft"
    """The steward writes."""
    NEGOTIATION = "negotiation"
    """The steward and the platform's side settle the terms."""
    READY = "ready"
    """The steward has declared it complete: either side may publish it."""


class Standing(StrEnum):
    """Where a record stands for everybody else."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What is done with a record."""

    START = "start"
    EDIT = "edit"
    PROPOSE = "propose"
    ACCEPT = "accept"
    COMMENT = "comment"
    SIGN = "sign"
    SEND = "send"
    TAKE_BACK = "take_back"
    FINISH = "finish"
    REOPEN = "reopen"
    PUBLISH = "publish"
    DISCARD = "discard"
    WITHDRAW = "withdraw"


_S, _H = Side.STEWARD, Side.HDH

TRANSITIONS: dict[tuple[Stage, Side, Action], Stage] = {
    (Stage.NONE, _S, Action.START): Stage.DRAFT,
    (Stage.DRAFT, _S, Action.EDIT): Stage.DRAFT,
    (Stage.DRAFT, _S, Action.PROPOSE): Stage.DRAFT,
    (Stage.DRAFT, _S, Action.COMMENT): Stage.DRAFT,
    (Stage.DRAFT, _S, Action.SEND): Stage.NEGOTIATION,
    (Stage.DRAFT, _S, Action.DISCARD): Stage.NONE,
    (Stage.NEGOTIATION, _S, Action.EDIT): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _S, Action.PROPOSE): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _H, Action.PROPOSE): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _S, Action.ACCEPT): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _H, Action.ACCEPT): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _S, Action.COMMENT): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _H, Action.COMMENT): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _H, Action.SIGN): Stage.NEGOTIATION,
    (Stage.NEGOTIATION, _S, Action.TAKE_BACK): Stage.DRAFT,
    (Stage.NEGOTIATION, _S, Action.FINISH): Stage.READY,
    (Stage.NEGOTIATION, _S, Action.DISCARD): Stage.NONE,
    (Stage.READY, _S, Action.REOPEN): Stage.NEGOTIATION,
    (Stage.READY, _H, Action.REOPEN): Stage.NEGOTIATION,
    (Stage.READY, _S, Action.PUBLISH): Stage.NONE,
    (Stage.READY, _H, Action.PUBLISH): Stage.NONE,
}
"""Stage, side, action -> the stage after it; whatever is not here is refused.

The platform's side never writes what the record says of the data, and says nothing before it was sent; a record that
is ready does not change under the eyes of who publishes it.
"""


@dataclass(frozen=True)
class Actor:
    """A person as the catalogue sees them, with the roles they have now."""

    name: str
    is_steward: bool = False
    is_admin: bool = False


def side_of(actor: Actor, stewards: frozenset[str]) -> Side | None:
    """Return for whom a person speaks of a record, None for those whom it does not concern.

    A steward of the record speaks for the steward alone, administrator or not: the two sides stay two.
    """
    if actor.is_steward and actor.name in stewards:
        return Side.STEWARD
    return Side.HDH if actor.is_admin else None


def actions(stage: Stage, standing: Standing, side: Side | None) -> frozenset[Action]:
    """Return what a side may do."""
    found = {action for at, whose, action in TRANSITIONS if at is stage and whose is side}
    if side is not None and standing is Standing.PUBLISHED:
        found.add(Action.WITHDRAW)
    return frozenset(found)


def after(stage: Stage, side: Side, action: Action) -> Stage:
    """Return the stage after an action on a draft.

    Raises
    ------
    PublicError
        `catalogue.record.not_now` (409): the action is not this side's at this stage.
    """
    found = TRANSITIONS.get((stage, side, action))
    if found is None:
        raise PublicError("catalogue.record.not_now", 409)
    return found
