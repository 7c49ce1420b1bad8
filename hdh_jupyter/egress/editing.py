"""What a request's author and its project's leads do: edit, take files out, check again, submit, withdraw."""

from __future__ import annotations

from ..errors import PublicError
from . import records, states
from .desk import Desk
from .forms import CASE, clean_case, clean_title, require_case
from .model import Action, CheckState, Request, Status
from .tables import FileRow


class Editing(Desk):
    """The members' side of the desk."""

    def edit(
        self,
        request_id: int,
        actor: str,
        *,
        title: str | None = None,
        purpose: str | None = None,
        recipient: str | None = None,
        justification: str | None = None,
    ) -> Request:
        """Save the title (author or lead) and what of the case is given (lead alone), complete or not.

        Raises
        ------
        FormError
            A field is too long or holds characters that do not show; nothing is saved.
        PublicError
            It is not theirs to edit, or no longer to be edited.
        """
        given = {"purpose": purpose, "recipient": recipient, "justification": justification}
        changed = {name: clean_case(name, text) for name, text in given.items() if text is not None}
        new_title = clean_title(title) if title is not None else None
        asked = Action.STATE_CASE if changed else Action.EDIT_TITLE
        with self._changing(request_id, actor, asked) as (session, row, to):
            if new_title is not None:
                # Whoever may state the case may edit the title too, in every status.
                changed["title"] = new_title
            fields = [name for name, text in changed.items() if getattr(row, name) != text]
            if fields:
                for name in fields:
                    setattr(row, name, changed[name])
                action = Action.EDIT_TITLE if fields == ["title"] else Action.STATE_CASE
                records.note(session, row, action, actor, to, self.clock(), {"fields": sorted(fields)})
                self._tell(session, "egress.edited", row, actor, {"fields": sorted(fields)})
        return self.request(request_id, actor)

    def remove_file(self, request_id: int, actor: str, index: int) -> Request:
        """Take a file out of the request; what stays is checked again, since checks compare files.

        Taking out what is already out does nothing.

        Raises
        ------
        PublicError
            `egress.unknown_file` (404); `egress.last_file` (409): withdraw instead; or it is not theirs to edit.
        """
        with self._changing(request_id, actor, Action.REMOVE_FILE) as (session, row, to):
            file = session.get(FileRow, (request_id, index))
            if file is None:
                raise PublicError("egress.unknown_file", 404)
            if file.removed_at is None:
                if len(records.kept_files(session, request_id)) == 1:
                    raise PublicError("egress.last_file", 409)
                at = self.clock()
                file.removed_at = at
                detail = {"file": file.name, "sha256": file.sha256}
                records.note(session, row, Action.REMOVE_FILE, actor, to, at, detail)
                records.order_check(session, row, at)
                self._tell(session, "egress.edited", row, actor, {"fields": ["files"], **detail})
        return self.request(request_id, actor)

    def recheck(self, request_id: int, actor: str) -> Request:
        """Order the check again after it failed; a check under way is left alone.

        Raises
        ------
        PublicError
            `egress.check_not_failed` (409); or it is not theirs to order.
        """
        with self._changing(request_id, actor, Action.RECHECK) as (session, row, to):
            state = records.whole(session, row).request.check.state
            if state is CheckState.DONE:
                raise PublicError("egress.check_not_failed", 409)
            if state is CheckState.FAILED:
                at = self.clock()
                records.note(session, row, Action.RECHECK, actor, to, at)
                records.order_check(session, row, at)
        return self.request(request_id, actor)

    def submit(self, request_id: int, lead: str, *, turn: int) -> Request:
        """Submit the request as it was saved, which opens a turn of review.

        Submitting twice by a double click does it once.

        Parameters
        ----------
        turn
            The turn that the lead saw: another one means that the request has moved on.

        Raises
        ------
        FormError
            The case is not fully stated.
        PublicError
            `egress.not_the_lead` (403), `egress.wrong_status`, `egress.stale_turn`, `egress.project_closed`,
            `egress.check_not_done`, `egress.check_failed` or `egress.files_blocked` (409).
        """
        with self._access.refusals(Action.SUBMIT, lead, request_id), self.database.write() as session:
            row = records.locked(session, request_id)
            record = records.whole(session, row)
            roles = self._access.standing(record, lead).roles
            if _just_submitted(record.request, lead, turn):
                return self.request(request_id, lead)
            to = states.target(Action.SUBMIT, record.request.status, roles)
            if row.turn != turn:
                raise PublicError("egress.stale_turn", 409)
            self._access.require_open(row.project)
            _require_checked(record.request)
            require_case({name: getattr(row, name) for name in CASE})
            at = self.clock()
            row.turn, row.sent_back = turn + 1, None
            files = [{"name": f.name, "sha256": f.sha256} for f in record.request.files]
            records.note(session, row, Action.SUBMIT, lead, to, at, {"files": files})
            records.order_check(session, row, at)
            self._tell(session, "egress.submitted", row, lead, {"turn": row.turn, "files": files})
        return self.request(request_id, lead)

    def withdraw(self, request_id: int, actor: str) -> Request:
        """Give the request up for good; it stays readable. Withdrawing twice does it once.

        Raises
        ------
        PublicError
            It is not theirs to withdraw, or too late.
        """
        with self._access.refusals(Action.WITHDRAW, actor, request_id), self.database.write() as session:
            row = records.locked(session, request_id)
            record = records.whole(session, row)
            roles = self._access.standing(record, actor).roles
            done = record.request.history[-1]
            if not (done.action is Action.WITHDRAW and done.actor == actor):
                to = states.target(Action.WITHDRAW, record.request.status, roles)
                at = self.clock()
                records.note(session, row, Action.WITHDRAW, actor, to, at)
                records.supersede_checks(session, row, at)
                self._tell(session, "egress.withdrawn", row, actor, {"turn": row.turn})
        return self.request(request_id, actor)


def _require_checked(request: Request) -> None:
    if request.check.state is CheckState.FAILED:
        raise PublicError("egress.check_failed", 409)
    if request.check.state is not CheckState.DONE:
        raise PublicError("egress.check_not_done", 409)
    if request.blocked_files:
        raise PublicError("egress.files_blocked", 409, names=", ".join(f.name for f in request.blocked_files))


def _just_submitted(request: Request, lead: str, turn: int) -> bool:
    last = next((e for e in reversed(request.history) if e.action is Action.SUBMIT), None)
    return last is not None and last.actor == lead and request.turn == turn + 1 and request.status is Status.SUBMITTED
