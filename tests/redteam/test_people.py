"""Scripts with the cookies of people: members, members of other projects, former ones, and nobody's.

Where the platform refuses a person, the control is the very same request by somebody whom it serves; where it refuses
everybody, the control is a JupyterHub or a JupyterLab as they come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import websocket
from e2e.conftest import free_port
from requests import Session

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import open_database
from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.egress.service import EgressService
from hdh_jupyter.egress.store import Store
from hdh_jupyter.projects.model import ProjectRole

from .clients import PATIENCE, Server, new_session, project_base, sign_in
from .conftest import NEIGHBOUR, Machine
from .control import plain_jupyterhub, plain_jupyterlab
from .model import Attack, Outcome, Outcomes, Stands, attack
from .targets import Targets

pytestmark = pytest.mark.redteam

COOKIE, FORMER, STRANGER = Stands.COOKIE, Stands.FORMER, Stands.STRANGER


def answers(reply: Any, *, tells: str = "") -> Outcome:
    """Tell whether a reply serves, by its status and by what stands in it."""
    served = reply.status_code in (200, 201, 202, 204) and tells in reply.text
    return Outcome(served, f"{reply.status_code}{' with the content' if served and tells else ''}")


def at_hub(address: str, session: Session, method: str, path: str, **options: Any) -> Any:
    """Send what the portal's own pages would send."""
    host = urlsplit(address).hostname
    token = next((c.value for c in session.cookies if c.name == "_xsrf" and c.path == "/hub/" and c.domain == host), "")
    headers = {"Origin": address, "Referer": f"{address}/hub/home", "X-XSRFToken": token or ""}
    headers.update(options.pop("headers", {}))
    options = {"timeout": PATIENCE, "allow_redirects": False, **options}
    return session.request(method, f"{address}/hub/{path}", headers=headers, **options)


@pytest.fixture(scope="module")
def person(machine: Machine) -> Callable[[str], Session]:
    """Return the session of a person at the portal, one for the whole module."""
    sessions: dict[str, Session] = {}

    def session_of(name: str) -> Session:
        if name not in sessions:
            sessions[name] = machine.session(name)
        return sessions[name]

    return session_of


@pytest.fixture(scope="module")
def plain_hub(tmp_path_factory: pytest.TempPathFactory, names: None) -> Iterator[tuple[str, Session]]:
    """A JupyterHub as it comes, and a person's session there."""
    folder = tmp_path_factory.mktemp("hub") / "plain"
    with plain_jupyterhub(folder, free_port(), (free_port(), free_port())) as address:
        yield address, sign_in(address, "alice", "any")


HUB = {
    attack(601, "A token for scripts, made with a member's cookie", COOKIE, reference="lab_channels 31"):
        ("POST", "api/users/alice/tokens", {}),
    attack(602, "The page that makes such tokens", COOKIE, reference="lab_channels 31"): ("GET", "token", None),
    attack(603, "A server of one's own, outside every project", COOKIE, reference="lab_channels 33"):
        ("POST", "api/users/alice/server", {}),
    attack(604, "The list of one's tokens", COOKIE, reference="lab_channels 31"):
        ("GET", "api/users/alice/tokens", None),
}  # fmt: skip


@pytest.mark.parametrize("tried", HUB, ids=lambda tried: str(tried.number))
def test_what_every_person_may_at_a_hub_as_it_comes(
    tried: Attack,
    machine: Machine,
    person: Callable[[str], Session],
    plain_hub: tuple[str, Session],
    outcomes: Outcomes,
) -> None:
    method, path, content = HUB[tried]
    control = answers(at_hub(*plain_hub, method, path, json=content))
    here = answers(at_hub(machine.origin, person("alice"), method, path, json=content))
    outcomes.judge(tried, control=control, here=here)


PAGES = {
    attack(611, "The workspace of a project in which one is not", STRANGER): ("farid", "api/contents?content=0"),
    attack(612, "A workspace, for an output checker", STRANGER): ("david", "api/contents?content=0"),
    attack(613, "A workspace, for an administrator of the platform", STRANGER): ("gaelle", "api/contents?content=0"),
    attack(614, "A workspace, for a member of another project", STRANGER): ("emma", "api/contents?content=0"),
    attack(615, "The requests of a project in which one is not, by its gateway", STRANGER):
        ("emma", "hdh/egress/drafts"),
    attack(616, "Who works in a project in which one is not", STRANGER): ("farid", "hdh/me"),
    attack(617, "The kernels of a project in which one is not", STRANGER): ("farid", "api/kernels"),
}  # fmt: skip


def tries_to_enter(machine: Machine, session: Session) -> Server:
    """Do all that the browser would do to sign in to the workspace."""
    server = Server(project_base(machine.origin, OPEN_PROJECT), session)
    for destination in ({}, {"Sec-Fetch-Dest": "document"}, {"Sec-Fetch-Dest": "iframe"}):
        session.get(f"{server.base}/lab", headers=destination, timeout=PATIENCE)
    return server


@pytest.mark.parametrize("tried", PAGES, ids=lambda tried: str(tried.number))
def test_a_person_without_a_right(
    tried: Attack, machine: Machine, workspace: Server, person: Callable[[str], Session], outcomes: Outcomes
) -> None:
    name, path = PAGES[tried]
    here = answers(tries_to_enter(machine, person(name)).request("GET", path))
    outcomes.judge(tried, control=answers(workspace.request("GET", path)), here=here)


NOBODY = attack(618, "A workspace without any cookie", STRANGER)
NOBODYS_SOCKET = attack(619, "A kernel's websocket without any cookie", STRANGER)


def listens(server: Server, path: str, **options: Any) -> Outcome:
    """Tell whether a websocket opens."""
    try:
        server.socket(path, **options).close()
    except (websocket.WebSocketException, OSError) as error:
        status = getattr(error, "status_code", None)
        return Outcome(False, f"{status or type(error).__name__}")
    return Outcome(True, "it opens")


def test_nobody(workspace: Server, outcomes: Outcomes) -> None:
    here = answers(Server(workspace.base, new_session()).request("GET", "api/contents?content=0"))
    outcomes.judge(NOBODY, control=answers(workspace.request("GET", "api/contents?content=0")), here=here)


def test_nobody_at_a_websocket(workspace: Server, outcomes: Outcomes) -> None:
    with workspace.kernel() as kernel:
        path = f"api/kernels/{kernel.number}/channels"
        here = listens(workspace, path, cookie="")
        outcomes.judge(NOBODYS_SOCKET, control=listens(workspace, path), here=here)


REPLAYED = {
    attack(621, "A project's cookie at the origin of another", COOKIE, reference="replay"): "neighbour",
    attack(622, "The portal's cookie at the origin of a project", COOKIE, reference="replay"): "portal",
}


@pytest.mark.parametrize("tried", REPLAYED, ids=lambda tried: str(tried.number))
def test_a_cookie_at_another_origin(
    tried: Attack,
    machine: Machine,
    workspace: Server,
    neighbour: Server,
    person: Callable[[str], Session],
    outcomes: Outcomes,
) -> None:
    path = "api/contents?content=0"
    if REPLAYED[tried] == "neighbour":
        cookies = "; ".join(f"{c.name}={c.value}" for c in neighbour.session.cookies if NEIGHBOUR in c.domain)
        control = answers(neighbour.request("GET", path))
    else:
        cookies = "; ".join(f"{c.name}={c.value}" for c in person("alice").cookies)
        control = answers(at_hub(machine.origin, person("alice"), "GET", "home"))
    # Under every name that the workspace's own cookie could have.
    names = [c.name for c in workspace.session.cookies if OPEN_PROJECT in c.domain]
    values = [pair.partition("=")[2] for pair in cookies.split("; ")]
    forged = "; ".join([cookies, *(f"{name}={value}" for name in names for value in values)])
    here = answers(Server(workspace.base, new_session()).request("GET", path, headers={"Cookie": forged}))
    outcomes.judge(tried, control=control, here=here)


BACK = attack(623, "A project's cookie at the portal", COOKIE, reference="replay")


def test_a_project_s_cookie_at_the_portal(machine: Machine, workspace: Server, outcomes: Outcomes) -> None:
    path = "api/contents?content=0"
    headers = {"Cookie": workspace.cookies}
    here = answers(at_hub(machine.origin, new_session(), "GET", "home", headers=headers))
    outcomes.judge(BACK, control=answers(workspace.request("GET", path)), here=here)


@pytest.fixture(scope="module")
def draft(workspace: Server) -> int:
    """A request to take something out, made by Alice."""
    workspace.writes("weekly.csv", "week,visits\n2024-01,1500\n2024-02,1620\n")
    staged = workspace.json("POST", "hdh-egress/stage", {"paths": ["weekly.csv"]})["staging"]
    made = workspace.json("POST", "hdh/egress/drafts", {"staging": staged, "title": "Weekly"})
    return int(made["id"])


SEEN = {
    attack(631, "The request of a project in which one is not", STRANGER): ("farid", "egress/{draft}"),
    attack(632, "The same, for somebody of another project", STRANGER): ("emma", "egress/{draft}"),
    attack(633, "The list of a project's requests, for somebody else", STRANGER):
        ("farid", f"projects/{OPEN_PROJECT}/egress"),
    attack(634, "The state of a request's check, for somebody else", STRANGER): ("farid", "egress/{draft}/check"),
}  # fmt: skip


@pytest.mark.parametrize("tried", SEEN, ids=lambda tried: str(tried.number))
def test_a_request_of_somebody_else(
    tried: Attack, machine: Machine, person: Callable[[str], Session], draft: int, outcomes: Outcomes
) -> None:
    name, template = SEEN[tried]
    path = template.format(draft=draft)
    control = answers(at_hub(machine.origin, person("alice"), "GET", path))
    outcomes.judge(tried, control=control, here=answers(at_hub(machine.origin, person(name), "GET", path)))


CASE = {
    "title": "Weekly", "purpose": "An article on weekly visits to emergency departments", "recipient": "A journal",
    "justification": "Only national totals per week, each far above the threshold of small counts.", "turn": "0",
}  # fmt: skip

WRITTEN = {
    attack(641, "A lead's change to a request without the token against forgery", COOKIE, reference="CSRF"):
        ("claire", {"X-XSRFToken": ""}),
    attack(642, "The same from a project's own page, with the right token", COOKIE, reference="CSRF"):
        ("claire", {"Origin": "PROJECT", "Referer": "PROJECT/"}),
    attack(643, "A change to a request by somebody of another project", STRANGER): ("emma", {}),
}  # fmt: skip


@pytest.mark.parametrize("tried", WRITTEN, ids=lambda tried: str(tried.number))
def test_a_request_changed_by_a_script(
    tried: Attack, machine: Machine, person: Callable[[str], Session], draft: int, outcomes: Outcomes
) -> None:
    name, headers = WRITTEN[tried]
    origin = urlsplit(project_base(machine.origin, OPEN_PROJECT))
    sent = {key: value.replace("PROJECT", f"{origin.scheme}://{origin.netloc}") for key, value in headers.items()}

    def change(who: str, purpose: str, with_headers: dict[str, str]) -> Outcome:
        form = {**CASE, "do": "save", "purpose": purpose}
        path = f"egress/{draft}"
        # A session of its own: a refused request gives a new token against forgery.
        reply = at_hub(machine.origin, machine.session(who), "POST", path, data=form, headers=with_headers)
        changed = purpose in at_hub(machine.origin, person("alice"), "GET", path).text
        return Outcome(changed, "changed" if changed else str(reply.status_code))

    here = change(name, f"forged by attack {tried.number}", sent)
    outcomes.judge(tried, control=change("claire", f"changed before attack {tried.number}", {}), here=here)


SUBMITTED = attack(644, "A researcher's script submits in place of the lead", COOKIE)


def test_a_researcher_submits(
    machine: Machine, person: Callable[[str], Session], draft: int, outcomes: Outcomes
) -> None:
    until_checked(machine, person("alice"), draft)

    def submit(who: str) -> Outcome:
        form = {**CASE, "do": "submit"}
        reply = at_hub(machine.origin, person(who), "POST", f"egress/{draft}", data=form)
        status = at_hub(machine.origin, person("alice"), "GET", f"egress/{draft}/check").json()["status"]
        return Outcome(status == "submitted", "submitted" if status == "submitted" else str(reply.status_code))

    here = submit("alice")
    outcomes.judge(SUBMITTED, control=submit("claire"), here=here)
    until_checked(machine, person("alice"), draft)


def until_checked(machine: Machine, session: Session, draft: int) -> None:
    """Wait until the request has been checked as it is now."""
    deadline = time.monotonic() + PATIENCE
    while at_hub(machine.origin, session, "GET", f"egress/{draft}/check").json()["state"] != "done":
        assert time.monotonic() < deadline, "the check does not end"
        time.sleep(0.5)


DECIDED = {
    attack(645, "The lead's script decides on their own request", COOKIE): "claire",
    attack(646, "An administrator of the platform decides", COOKIE): "gaelle",
    attack(647, "A data steward decides", COOKIE): "farid",
}

UNSEEN = attack(648, "A checker's decision without the token against forgery", COOKIE, reference="CSRF")
RELEASED = attack(649, "The files of a request that is not released", COOKIE)


def decide(machine: Machine, session: Session, draft: int, **headers: str) -> Any:
    form = {"decision": "approve", "comment": "Fine by a script.", "turn": "1"}
    return at_hub(machine.origin, session, "POST", f"egress/{draft}/review", data=form, headers=headers)


@pytest.fixture(scope="module")
def opinions(machine: Machine, draft: int) -> Callable[[], int]:
    """Return how many have decided, as the database has it."""
    egress = EgressService(
        open_database(machine.folder.database_url),
        Store(machine.folder.egress),
        AuditLog(open_database(machine.folder.database_url), machine.folder.key("audit")),
        machine.registry,
    )
    return lambda: egress.request(draft, "claire").decided


@pytest.mark.parametrize("tried", [*DECIDED, UNSEEN, RELEASED], ids=lambda tried: str(tried.number))
def test_a_decision_by_a_script(
    tried: Attack,
    machine: Machine,
    person: Callable[[str], Session],
    draft: int,
    opinions: Callable[[], int],
    outcomes: Outcomes,
) -> None:
    before = opinions()
    if tried is RELEASED:
        reply = at_hub(machine.origin, person("claire"), "GET", f"egress/{draft}/archive")
    elif tried is UNSEEN:
        reply = decide(machine, person("emma"), draft, **{"X-XSRFToken": ""})
    else:
        reply = decide(machine, person(DECIDED[tried]), draft)
    here = Outcome(opinions() > before or (tried is RELEASED and reply.status_code == 200), str(reply.status_code))
    LATER[tried] = here


LATER: dict[Attack, Outcome] = {}
"""Outcomes that wait for their control: the same by those who may, which ends the request."""


def test_the_control_of_these_decisions(
    machine: Machine,
    person: Callable[[str], Session],
    draft: int,
    opinions: Callable[[], int],
    outcomes: Outcomes,
) -> None:
    for checker in ("david", "emma"):
        decide(machine, person(checker), draft)
    decided = opinions()
    reply = at_hub(machine.origin, person("claire"), "GET", f"egress/{draft}/archive")
    for tried, here in LATER.items():
        control = Outcome(decided == 2, "two checkers decide")
        if tried is RELEASED:
            control = Outcome(reply.status_code == 200, "the lead has them once it is")
        outcomes.judge(tried, control=control, here=here)


STAGED = attack(651, "The staged copies, raw, from the workspace's own extension", COOKIE)


def test_the_staged_copies(workspace: Server, outcomes: Outcomes) -> None:
    workspace.writes("raw.bin", "raw bytes")
    staging = workspace.json("POST", "hdh-egress/stage", {"paths": ["raw.bin"]})["staging"]
    here = answers(workspace.request("GET", f"hdh-egress/staged/{staging}/0"), tells="raw bytes")
    made = workspace.request("POST", "hdh/egress/drafts", json={"staging": staging, "title": "raw"})
    outcomes.judge(STAGED, control=Outcome(made.status_code == 201, "the gateway pulls them"), here=here)


ROUTES = {
    attack(661, "The server is shut down for everybody", COOKIE, reference="lab_channels 1"):
        ("POST", "api/shutdown", {}),
    attack(662, "The raw bytes of a file, sent to the converter", COOKIE, reference="lab_channels 3"):
        ("POST", "nbconvert/script", {"type": "notebook", "content": {
            "cells": [], "metadata": {"kernelspec": {"name": "python3", "display_name": "P"}},
            "nbformat": 4, "nbformat_minor": 5}}),
    attack(663, "The language servers", COOKIE, reference="lab_channels 1"): ("GET", "lsp/status", None),
    attack(665, "An event of the attacker's in the server's log", COOKIE, reference="lab_channels 1"):
        ("POST", "api/events", {"schema_id": "https://events.jupyter.org/jupyter_server/contents_service/v1",
         "version": "1", "data": {"action": "get", "path": "x"}}),
    attack(666, "What is installed, with its licences", COOKIE, reference="lab_channels 1"):
        ("GET", "lab/api/licenses", None),
    attack(667, "Where on the disk a file is", COOKIE, reference="lab_channels 1"):
        ("GET", "api/resolvePath?path=seen.txt", None),
    attack(668, "The list of JupyterLab's converters", COOKIE, reference="lab_channels 3"):
        ("GET", "api/nbconvert", None),
}  # fmt: skip


@pytest.mark.parametrize("tried", ROUTES, ids=lambda tried: str(tried.number))
def test_a_route_that_nobody_needs(
    tried: Attack, plain: Server, workspace: Server, targets: Targets, tmp_path: Path, outcomes: Outcomes
) -> None:
    method, path, content = ROUTES[tried]
    here = try_route(workspace, method, path, content)
    if path == "api/shutdown":
        with plain_jupyterlab(tmp_path, free_port(), {}, tmp_path) as expendable:
            control = try_route(expendable, method, path, content)
    else:
        control = try_route(plain, method, path, content)
    outcomes.judge(tried, control=control, here=here)


def try_route(server: Server, method: str, path: str, content: Any) -> Outcome:
    server.writes("seen.txt", "x")
    return answers(server.request(method, path, **({} if content is None else {"json": content})))


GONE = {
    attack(681, "A workspace by the cookie of somebody who was removed", FORMER): "cookie",
    attack(682, "A websocket that was open when its person was removed", FORMER): "websocket",
    attack(683, "A workspace, signing in anew after being removed", FORMER): "again",
    attack(684, "The project's requests at the portal after being removed", FORMER): "portal",
    attack(685, "Code sent by a former member to a kernel that is still theirs", FORMER): "kernel",
}


def test_a_former_member(machine: Machine, workspace: Server, outcomes: Outcomes) -> None:
    former = machine.enter("bruno")
    sockets = {"former": former.socket("api/events/subscribe"), "member": workspace.socket("api/events/subscribe")}
    kernel = former.json("POST", "api/kernels", {"name": "python3"})["id"]
    machine.registry.set_member(OPEN_PROJECT, "bruno", None)
    try:
        deadline = time.monotonic() + PATIENCE
        while answers(former.request("GET", "api/contents?content=0")).reached and time.monotonic() < deadline:
            time.sleep(0.5)
        here = {
            "cookie": answers(former.request("GET", "api/contents?content=0")),
            "websocket": still_open(sockets["former"]),
            "again": answers(
                tries_to_enter(machine, machine.session("bruno")).request("GET", "api/contents?content=0")
            ),
            "portal": answers(at_hub(machine.origin, former.session, "GET", f"projects/{OPEN_PROJECT}/egress")),
            "kernel": listens(former, f"api/kernels/{kernel}/channels"),
        }
        member = {
            "cookie": answers(workspace.request("GET", "api/contents?content=0")),
            "websocket": still_open(sockets["member"]),
            "again": answers(machine.enter("alice").request("GET", "api/contents?content=0")),
            "portal": answers(at_hub(machine.origin, workspace.session, "GET", f"projects/{OPEN_PROJECT}/egress")),
            "kernel": listens(workspace, f"api/kernels/{kernel}/channels"),
        }
    finally:
        machine.registry.set_member(OPEN_PROJECT, "bruno", ProjectRole.RESEARCHER)
        for connection in sockets.values():
            connection.close()
        workspace.request("DELETE", f"api/kernels/{kernel}")
    for tried, what in GONE.items():
        outcomes.judge(tried, control=replace(member[what], detail="a member goes on"), here=here[what])


def still_open(connection: websocket.WebSocket) -> Outcome:
    """Tell whether a websocket is still open after what the platform needs to notice."""
    connection.settimeout(8)
    try:
        while True:
            code, data = connection.recv_data()
            if code == websocket.ABNF.OPCODE_CLOSE:
                return Outcome(False, f"closed with {int.from_bytes(data[:2], 'big')}")
    except websocket.WebSocketTimeoutException:
        return Outcome(True, "open")
    except (websocket.WebSocketException, OSError):
        return Outcome(False, "closed")
