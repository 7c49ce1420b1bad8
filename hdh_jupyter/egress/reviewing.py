"""What output checkers do: look at the sanitised bytes, decide; the second decision concludes the turn."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy.orm import Session

from ..errors import PublicError
from . import records, review, states
from .desk import Desk
from .forms import clean_comment
from .model import SYSTEM, Action, Actor, Decision, Request, Status
from .records import Record
from .tables import DecisionRow, RequestRow

LOG = logging.getLogger(__name__)


class Reviewing(Desk):
    """The checkers' side of the desk."""

    def decide(
        self, request_id: int, reviewer: str, decision: Decision | str, comment: str = "", *, turn: int
    ) -> Request:
        """Decide as one of the two output checkers of this turn; the second decision concludes it.

        When both approve, the archive is built and the request released in the same step. The same decision sent
        twice by a double click counts once.

        Parameters
        ----------
        turn
            The turn that the checker saw: what was changed since must be looked at first.

        Raises
        ------
        FormError
            A rejection or a return without a comment.
        PublicError
            `egress.unknown_decision` (400),
            `egress.not_a_checker`, `egress.own_request`, `egress.own_project` (403), `egress.already_decided`,
            `egress.turn_complete`, `egress.wrong_status`, `egress.stale_turn`, `egress.check_not_done` (409)...
        """
        chosen = _decision(decision)
        said = clean_comment(comment, required=chosen is not Decision.APPROVE)
        with self._access.refusals(Action.DECIDE, reviewer, request_id), self.database.write() as session:
            row = records.locked(session, request_id)
            record = records.whole(session, row)
            if not _is_repeated(record.request, reviewer, chosen, said, turn):
                self._require_may_decide(record, reviewer, turn)
                self._record_decision(session, row, reviewer, chosen, said)
        self._release_if_approved(request_id)
        return self.request(request_id, reviewer)

    def reviewed_bytes(self, request_id: int, reviewer: str, index: int) -> Path:
        """Return the sanitised bytes of a file, for an independent checker of a submitted request alone.

        Of a file that no page shows from its bytes, what the check made to be shown.

        Members read their files in the workspace: bytes on the hub's pages would be a way out before any review.

        Raises
        ------
        PublicError
            `egress.not_a_checker` (403), `egress.wrong_status` (409), `egress.unknown_file` (404) or
            `egress.store_damaged` (500).
        """
        with self._access.refusals(Action.DECIDE, reviewer, request_id):
            with self.database.read() as session:
                row = session.get(RequestRow, request_id)
                if row is None:
                    raise PublicError("egress.unknown_request", 404)
                record = records.listed(session, [row])[0]
            states.target(Action.DECIDE, record.request.status, self._access.standing(record, reviewer).roles)
            file = next((f for f in record.request.files if f.index == index), None)
            if file is None or file.sanitised_sha256 is None:
                raise PublicError("egress.unknown_file", 404)
            return self.store.verify(file.preview_sha256 or file.sanitised_sha256)

    def _require_may_decide(self, record: Record, reviewer: str, turn: int) -> None:
        request = record.request
        who = self._access.standing(record, reviewer)
        reason = review.ineligibility(who, request.turn, request.decisions)
        if reason is not None:
            raise PublicError(reason, 409 if who.independent_checker else 403)
        states.target(Action.DECIDE, request.status, who.roles)
        if turn != request.turn:
            raise PublicError("egress.stale_turn", 409)
        reason = review.unready(request.check, request.files, request.turn)
        if reason is not None:
            raise PublicError(reason, 409)

    def _record_decision(
        self, session: Session, row: RequestRow, reviewer: str, decision: Decision, comment: str
    ) -> None:
        at = self.clock()
        session.add(
            DecisionRow(
                request=row.id,
                turn=row.turn,
                reviewer=reviewer,
                decision=decision.value,
                comment=comment,
                decided_at=at,
            )
        )
        records.note(session, row, Action.DECIDE, reviewer, Status(row.status), at, {"decision": decision.value})
        self._tell(session, "egress.decided", row, reviewer, {"turn": row.turn, "decision": decision.value})
        session.flush()
        concluded = review.conclusion(records.whole(session, row).request.decisions, row.turn)
        if concluded is not None:
            to = states.target(concluded, Status(row.status), {Actor.SYSTEM})
            records.note(session, row, concluded, SYSTEM, to, at)
            self._tell(session, "egress.concluded", row, SYSTEM, {"turn": row.turn, "conclusion": to.value})

    def _release_if_approved(self, request_id: int) -> None:
        try:
            self.releases.release(request_id)
        except Exception:
            # The decision stands and is kept; the worker tries again on its next pass.
            LOG.exception("Request %s is approved but its archive could not be built yet", request_id)


def _decision(value: str) -> Decision:
    try:
        return Decision(value)
    except ValueError as error:
        raise PublicError("egress.unknown_decision", 400) from error


def _is_repeated(request: Request, reviewer: str, decision: Decision, comment: str, turn: int) -> bool:
    return any(
        (d.turn, d.reviewer, d.decision, d.comment) == (turn, reviewer, decision, comment) for d in request.decisions
    )
