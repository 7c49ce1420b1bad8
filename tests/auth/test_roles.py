"""What the registry opens at a real hub, and how fast it closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from jupyterhub.auth import DummyAuthenticator
from jupyterhub.tests.mocking import MockHub
from tornado import web
from traitlets import TraitError

from hdh_jupyter.auth.roles import ProjectRolesMixin
from hdh_jupyter.projects.model import Grant, Member, Project, ProjectRole
from hdh_jupyter.projects.tables import PersonRow

from .conftest import Browser, Platform, basis

ENTER = {"access:servers!user=prj-vox", "servers!user=prj-vox"}


REFUSED = {403, 404}
"""The hub says 404 to whoever has a right elsewhere, so as not to tell what exists, and 403 to whoever has none."""


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the hub has asked the registry again."""
    for _ in range(100):
        if await holds():
            return
        await asyncio.sleep(0.2)
    pytest.fail("the hub did not ask the registry again")


async def signed_in(hub: MockHub, name: str) -> Browser:
    browser = Browser(hub.hub.url)
    assert (await browser.sign_in(name)).status_code == 302
    return browser


async def scopes_of_token(browser: Browser, token: str) -> set[str]:
    reply = await browser.get("api/user", headers={"Authorization": f"token {token}"})
    assert reply.status_code == 200
    return set(reply.json()["scopes"])


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        pytest.param("ann", "spawn-pending/prj-vox", {200}, id="00 member, open project"),
        pytest.param("ann", "spawn/prj-lux", REFUSED, id="01 member, closed project"),
        pytest.param("ann", "spawn/prj-nix", REFUSED, id="02 no such project"),
        pytest.param("ann", "user/prj-vox/lab", {424}, id="03 member, not started"),
        pytest.param("ann", "user/prj-lux/lab", REFUSED, id="04 member, closed project"),
        pytest.param("ann", "spawn/ann", REFUSED, id="05 no server of one's own"),
        pytest.param("leo", "spawn/prj-vox", REFUSED, id="06 not a member"),
        pytest.param("leo", "spawn-pending/prj-vox", REFUSED, id="07 not a member"),
        pytest.param("leo", "user/prj-vox/lab", REFUSED, id="08 not a member"),
        pytest.param("leo", "api/users/prj-vox", REFUSED, id="09 not a member"),
        pytest.param("ada", "spawn/prj-vox", REFUSED, id="10 administrator, not a member"),
        pytest.param("ada", "user/prj-vox/lab", REFUSED, id="11 administrator, not a member"),
        pytest.param("ada", "admin", REFUSED, id="12 administrator, not of the hub"),
        pytest.param("ann", "api/users/leo", REFUSED, id="13 member, another person"),
        pytest.param("ann", "api/users/prj-vox/tokens", REFUSED, id="14 member, the project's tokens"),
    ],
)
async def test_who_may_go_where(platform: Platform, name: str, path: str, status: set[int]) -> None:
    hub = await platform.start({"admin_access": True}, admin_users={"ada"})
    # A member has been there: the projects' accounts exist.
    await signed_in(hub, "ann")
    browser = await signed_in(hub, name)
    assert (await browser.get(path)).status_code in status


async def test_member_starts_watches_enters_and_stops_the_workspace(platform: Platform) -> None:
    hub = await platform.start()
    browser = await signed_in(hub, "ann")
    reply = await browser.get("spawn/prj-vox")
    assert reply.headers["Location"].endswith("/hub/spawn-pending/prj-vox")
    progress = await browser.get(
        "api/users/prj-vox/server/progress", params={"_xsrf": browser.session.cookies["_xsrf"]}
    )
    assert '"ready": true' in progress.text
    assert (await browser.get("spawn-pending/prj-vox")).headers["Location"].endswith("/user/prj-vox/")
    assert (await browser.get("api/users/prj-vox")).json()["servers"][""]["url"].endswith("/user/prj-vox/")
    stop = await browser.session.delete(
        browser.hub_url + "api/users/prj-vox/server",
        headers={"X-XSRFToken": browser.session.cookies["_xsrf"], "Referer": browser.hub_url},
    )
    assert stop.status_code in {202, 204}

    async def stopped() -> bool:
        return not hub.users["prj-vox"].spawner.active

    await eventually(stopped)


async def test_removed_member_is_out_by_cookie_and_by_token(platform: Platform) -> None:
    hub = await platform.start()
    browser = await signed_in(hub, "ann")
    token = hub.users["ann"].new_api_token(scopes=["access:servers!user=prj-vox"])
    assert "access:servers!user=prj-vox" in await scopes_of_token(browser, token)
    platform.registry.set_member("vox", "ann", None)

    async def out() -> bool:
        return not await scopes_of_token(browser, token) & ENTER

    await eventually(out)
    assert (await browser.get("user/prj-vox/lab")).status_code == 404
    assert (await browser.get("spawn/prj-vox")).status_code in REFUSED


async def test_closing_the_project_shuts_its_members_out(platform: Platform) -> None:
    hub = await platform.start()
    browser = await signed_in(hub, "ann")
    assert (await browser.get("user/prj-vox/lab")).status_code == 424
    platform.registry.set_authorisation("vox", None)

    async def out() -> bool:
        return (await browser.get("user/prj-vox/lab")).status_code == 404

    await eventually(out)


async def test_person_taken_off_the_platform_loses_session_and_tokens(platform: Platform) -> None:
    hub = await platform.start()
    browser = await signed_in(hub, "leo")
    token = hub.users["leo"].new_api_token(scopes=["read:users!user=leo"])
    assert "read:users!user=leo" in await scopes_of_token(browser, token)
    with platform.database.write() as session:
        session.delete(session.get_one(PersonRow, "leo"))

    async def out() -> bool:
        return "read:users!user=leo" not in await scopes_of_token(browser, token)

    await eventually(out)
    reply = await browser.get("home")
    assert reply.status_code == 302
    assert "/hub/login" in reply.headers["Location"]


async def test_project_made_while_the_hub_runs(platform: Platform) -> None:
    hub = await platform.start()
    browser = await signed_in(hub, "leo")
    lead = (Member("leo", ProjectRole.LEAD),)
    tomorrow = date.today() + timedelta(days=1)
    platform.registry.add_project(Project("nox", "Nuit", "", basis(tomorrow), lead, (Grant("oscour"),)))

    async def open_to_leo() -> bool:
        return (await browser.get("spawn-pending/prj-nox")).status_code == 200

    await eventually(open_to_leo)
    assert "prj-nox" in hub.users


async def test_reading_the_registry_again_changes_nothing_when_nothing_changed(platform: Platform) -> None:
    hub = await platform.start()
    await signed_in(hub, "ann")
    assert await hub.authenticator.refresh_user(hub.users["ann"]) is True
    assert {role.name for role in hub.users["ann"].orm_user.roles} == {"user", "project-vox-member"}


async def test_project_accounts_are_never_refreshed_away(platform: Platform) -> None:
    hub = await platform.start()
    await signed_in(hub, "ann")
    assert await hub.authenticator.refresh_user(hub.users["prj-vox"]) is True


class AnyPassword(ProjectRolesMixin, DummyAuthenticator):
    """An identity provider that vouches for everybody."""


@pytest.mark.parametrize(
    ("name", "actor", "reason"),
    [
        pytest.param("prj-vox", "prj-vox", "auth.project_account", id="00"),
        pytest.param("PRJ-vox", "prj-vox", "auth.project_account", id="01"),
        pytest.param("zoe", "unknown", "auth.unknown_person", id="02"),
    ],
)
async def test_identity_provider_cannot_let_in(platform: Platform, name: str, actor: str, reason: str) -> None:
    hub = await platform.start({"authenticator_class": AnyPassword})
    browser = Browser(hub.hub.url)
    assert (await browser.sign_in(name)).status_code == 403
    assert "jupyterhub-hub-login" not in browser.session.cookies
    assert platform.signed() == [("session.refused", actor, reason)]


async def test_identity_provider_vouches_and_the_registry_decides(platform: Platform) -> None:
    hub = await platform.start({"authenticator_class": AnyPassword})
    browser = Browser(hub.hub.url)
    assert (await browser.sign_in("ann")).status_code == 302
    assert (await browser.get("user/prj-vox/lab")).status_code == 424
    assert hub.users["ann"].user_info == {"display_name": "Ann"}


async def test_no_sign_in_without_audit(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = await platform.start()

    def full(*_args: Any, **_options: Any) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(hub.authenticator.audit, "append", full)
    browser = Browser(hub.hub.url)
    assert (await browser.sign_in("ann")).status_code == 500
    assert "jupyterhub-hub-login" not in browser.session.cookies


class Welcome(web.RequestHandler):
    def get(self) -> None:
        self.write("Bienvenue")


async def test_pages_come_before_those_of_the_hub(platform: Platform) -> None:
    hub = await platform.start(page_handlers=[(r"/home", Welcome)])
    reply = await Browser(hub.hub.url).get("home")
    assert reply.text == "Bienvenue"


def test_roles_must_be_read_again() -> None:
    with pytest.raises(TraitError, match="at least 1 second"):
        AnyPassword(auth_refresh_age=0)
