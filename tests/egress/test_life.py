"""The whole life of requests, driven at random by many people: what must never happen does not.

The machine keeps its own account of who belongs to the project and of what each check said, and judges the database by
it; it shares no rule with the code under test.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import select

from hdh_jupyter.egress.model import Decision
from hdh_jupyter.egress.tables import CheckRow, DecisionRow, EventRow, FileRow, ReleaseRow, RequestRow
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects.model import ProjectRole

from .world import STATED, make_platform

MEMBERS = {"rosa": "researcher", "remi": "researcher", "ines": "researcher", "lea": "lead", "luc": "lead"}
CHECKERS = {"luc", "carl", "cleo", "cyril", "ines"}
EVERYBODY = ("rosa", "remi", "lea", "luc", "carl", "cleo", "cyril", "ines", "sven", "ada", "otto")

people = st.sampled_from(EVERYBODY)
checkers = st.sampled_from(sorted(CHECKERS))
leads = st.sampled_from(("lea", "luc", "rosa"))
decisions = st.sampled_from((Decision.APPROVE, Decision.APPROVE, Decision.APPROVE, Decision.REJECT, Decision.RETURN))


class Life(RuleBasedStateMachine):
    requests = Bundle("requests")

    @initialize(target=requests)
    def begin(self):
        # In memory where there is such a folder: what is tried here is not the disk.
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.platform = make_platform(self.folder)
        self.service = self.platform.service
        self.members = dict(MEMBERS)
        self.authors = {}
        self.submitters = defaultdict(set)
        self.clean = {}
        self.decided = defaultdict(dict)
        self.before = {}
        ready = self.prepared("rosa", "lea")
        self.end_check(False)
        return multiple(ready, self.draft("remi"))

    def teardown(self):
        if hasattr(self, "platform"):
            assert self.platform.audit.verify().ok
            self.platform.database.engine.dispose()
            shutil.rmtree(self.folder)

    def attempt(self, call, *args, **kwargs):
        """Do something that may be refused, and return the request then, or None."""
        try:
            return call(*args, **kwargs)
        except PublicError as error:
            if error.status >= 500:
                raise
            return None

    def row(self, request):
        with self.platform.database.read() as session:
            return session.get(RequestRow, request)

    @rule(target=requests, author=people)
    def draft(self, author):
        try:
            made = asyncio.run(self.platform.draft(author))
        except PublicError:
            assert author not in self.members
            return multiple()
        assert author in self.members
        self.authors[made.id] = author
        return made.id

    @rule(target=requests, author=st.sampled_from(("rosa", "remi")), lead=st.sampled_from(("lea", "luc")))
    def prepared(self, author, lead):
        """A draft that only lacks its submission, so that runs get further."""
        made = self.draft(author)
        if not isinstance(made, int):
            return multiple()
        while self.row_check(made) == "pending":
            self.end_check(False)
        self.state_case(made, lead)
        self.submit(made, lead, 0)
        return made

    def row_check(self, request):
        with self.platform.database.read() as session:
            newest = select(CheckRow).where(CheckRow.request == request).order_by(CheckRow.id.desc()).limit(1)
            return session.scalars(newest).one().state

    @rule(how=st.sampled_from(("clean", "clean", "clean", "blocked", "failed", "lost")))
    def check(self, how):
        if how == "failed":
            self.break_check()
        elif how == "lost":
            self.lose_worker()
        else:
            self.end_check(how == "blocked")

    def end_check(self, blocked):
        job = self.waiting()
        if job is not None:
            self.platform.finish_check(["results/weekly.csv"] if blocked else [])
            names = self.names(job.request)
            self.clean[job.request, job.turn] = not (blocked and "results/weekly.csv" in names)

    def break_check(self):
        job = self.waiting()
        if job is not None:
            self.platform.fail_check()
            self.clean[job.request, job.turn] = False

    def lose_worker(self):
        job = self.waiting()
        if job is not None and job.attempts < 3:
            self.platform.queue.claim()
            self.platform.clock.pass_time(seconds=61)

    def waiting(self):
        with self.platform.database.read() as session:
            unfinished = select(CheckRow).where(CheckRow.state.in_(["pending", "running"])).order_by(CheckRow.id)
            return session.scalars(unfinished).first()

    def names(self, request):
        with self.platform.database.read() as session:
            kept = select(FileRow.name).where(FileRow.request == request, FileRow.removed_at.is_(None))
            return set(session.scalars(kept))

    @rule(request=requests, person=people, index=st.integers(0, 2), what=st.sampled_from(("remove", "case", "recheck")))
    def change(self, request, person, index, what):
        if what == "remove":
            self.remove_file(request, person, index)
        elif what == "case":
            self.state_case(request, person)
        else:
            self.attempt(self.service.recheck, request, person)

    def state_case(self, request, person):
        if self.attempt(self.service.edit, request, person, **STATED) is not None:
            assert self.members.get(person) == "lead"

    def remove_file(self, request, person, index):
        before = self.names(request)
        if self.attempt(self.service.remove_file, request, person, index) is not None:
            assert self.members.get(person) == "lead" or person == self.authors[request]
            if self.names(request) != before:
                event("file removed")
                self.clean[request, self.row(request).turn] = False
        assert self.names(request)

    @rule(request=requests, person=leads, late=st.sampled_from((0, 0, 0, 1)))
    def submit(self, request, person, late):
        turn = self.row(request).turn
        done = self.attempt(self.service.submit, request, person, turn=turn - late)
        if done is not None and done.turn == turn + 1:
            assert self.members[person] == "lead"
            assert late == 0
            assert self.clean[request, turn]
            self.submitters[request].add(person)
            self.clean[request, turn + 1] = False

    @rule(request=requests, person=people)
    def withdraw(self, request, person):
        if self.attempt(self.service.withdraw, request, person) is not None:
            assert self.members.get(person) == "lead" or person == self.authors[request]
            event("withdrawn")

    @rule(request=requests, person=checkers, decision=decisions, late=st.sampled_from((0, 0, 0, 0, 1)))
    def decide(self, request, person, decision, late):
        turn = self.row(request).turn
        seen = turn - late
        first = person not in self.decided[request, seen]
        if self.attempt(self.service.decide, request, person, decision, "Voir la ligne 3.", turn=seen) is None:
            return
        if first:
            assert late == 0
            assert person in CHECKERS
            assert person not in self.members
            assert person != self.authors[request]
            assert person not in self.submitters[request]
            assert self.clean[request, turn]
            assert len(self.decided[request, turn]) < 2
            self.decided[request, turn][person] = decision
        assert self.decided[request, seen][person] is decision
        event(f"{len(self.decided[request, turn])} decided, turn {turn}")

    @rule(request=requests, people=st.permutations(sorted(CHECKERS)), made=st.lists(decisions, min_size=1, max_size=5))
    def many_decide(self, request, people, made):
        """Checkers come one after the other."""
        while self.row_check(request) in ("pending", "running"):
            self.end_check(False)
        for person, decision in zip(people, made, strict=False):
            self.decide(request, person, decision, 0)
            self.nobody_reads_what_they_may_not()

    @rule(request=requests)
    def go_on(self, request):
        """The lead does what brings the request further."""
        while self.row_check(request) in ("pending", "running"):
            self.end_check(False)
        self.attempt(self.service.recheck, request, "lea")
        self.submit(request, "lea", 0)

    @rule(person=st.sampled_from(("rosa", "luc", "carl", "ines")), role=st.sampled_from((None, "researcher", "lead")))
    def change_member(self, person, role):
        self.platform.registry.set_member("flu", person, ProjectRole(role) if role else None)
        self.members.pop(person, None)
        if role:
            self.members[person] = role

    @rule(request=requests, person=people)
    def read(self, request, person):
        self.download(request, person)
        self.look(request, person)

    def download(self, request, person):
        path = self.attempt(self.service.archive, request, person)
        allowed = self.members.get(person) == "lead" and self.row(request).status == "released"
        assert (path is not None) == allowed

    def look(self, request, person):
        if self.attempt(self.service.reviewed_bytes, request, person, 0) is not None:
            assert person in CHECKERS
            assert person not in self.members
            assert self.row(request).status == "submitted"

    @invariant()
    def release_needs_two_approvals_after_a_clean_check(self):
        if not hasattr(self, "platform"):
            return
        with self.platform.database.read() as session:
            out = set(session.scalars(select(ReleaseRow.request)))
            for row in session.scalars(select(RequestRow)):
                made = self.decided[row.id, row.turn]
                cleared = len(made) == 2 and set(made.values()) == {Decision.APPROVE}
                assert (row.status == "released") == (row.id in out) == cleared
                assert row.status != "approved"
                assert not cleared or self.clean[row.id, row.turn]
                if cleared:
                    event("released")

    @invariant()
    def what_happened_stays(self):
        if not hasattr(self, "platform"):
            return
        with self.platform.database.read() as session:
            for table in (EventRow, DecisionRow, FileRow, CheckRow, ReleaseRow):
                rows = [self.lasting(row) for row in session.scalars(select(table))]
                known = self.before.get(table, [])
                assert set(known) <= set(rows)
                if table is not FileRow:
                    assert rows[: len(known)] == known or table is ReleaseRow
                self.before[table] = rows

    @staticmethod
    def lasting(row):
        changing = {"removed_at"} if isinstance(row, FileRow) else set()
        if isinstance(row, CheckRow):
            changing = {"state", "finished_at", "lease", "lease_until", "attempts", "report", "policy", "failure"}
            changing |= {"register", "compared"}
        return tuple((c.name, repr(getattr(row, c.name))) for c in row.__table__.columns if c.name not in changing)

    @invariant()
    def nobody_reads_what_they_may_not(self):
        half = [request for (request, _), made in getattr(self, "decided", {}).items() if len(made) == 1]
        for request in half:
            for viewer in ("lea", "carl", "cleo", "ines"):
                seen = self.attempt(self.service.request, request, viewer)
                if seen is not None:
                    for made in seen.decisions:
                        assert made.reviewer == viewer or len(self.decided[request, made.turn]) == 2
                    assert len([e for e in seen.history if e.action == "decide"]) == len(seen.decisions)


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
