"""A workspace's page that plants cookies for the portal's host, below which it stands."""

from __future__ import annotations

import pytest

from hdh_jupyter.web.planted_cookies import named_twice, paths_of

from .conftest import Browser, Platform

LOGIN = "jupyterhub-hub-login"


def test_a_name_that_comes_twice() -> None:
    names = frozenset({"a", "b"})
    assert named_twice("a=1; b=2; c=3; c=4", names) == frozenset()
    assert named_twice("a=1;b=2;  a=; c=1", names) == {"a"}
    assert named_twice("", names) == frozenset()


def test_every_path_whose_cookies_come() -> None:
    assert paths_of("/hub/egress/7") == [
        "/",
        "/hub",
        "/hub/",
        "/hub/egress",
        "/hub/egress/",
        "/hub/egress/7",
        "/hub/egress/7/",
    ]


def both(own: Browser, planted: str) -> str:
    """Return the header that a browser sends once a cookie was planted: the planted one last, as it would win."""
    pairs = [f"{cookie.name}={cookie.value}" for cookie in own.session.cookies]
    return "; ".join([*pairs, f"{LOGIN}={planted}"])


@pytest.mark.parametrize("path", ["home", "projects/flu/egress", "api/oauth2/authorize?client_id=none"])
async def test_nobody_goes_on_under_the_account_of_a_planted_cookie(platform: Platform, path: str) -> None:
    rosa, carl = await platform.browser("rosa"), await platform.browser("carl")
    theirs = next(cookie.value for cookie in carl.session.cookies if cookie.name == LOGIN)
    page = await platform.visitor().get(path, follow=False, Cookie=both(rosa, theirs or ""))
    assert page.status == 302
    assert page.response.headers["Location"].endswith(path)
    told = page.response.headers["Set-Cookie"]
    assert f"{LOGIN}=; Domain=127.0.0.1; Path=/; Max-Age=0" in told
    assert f"{LOGIN}=; Domain=127.0.0.1; Path=/hub/; Max-Age=0" in told or "/hub/; Max-Age=0" in told


async def test_a_form_with_a_planted_cookie_changes_nothing(platform: Platform) -> None:
    request = await platform.checked()
    lea, carl = await platform.browser("lea"), await platform.browser("carl")
    theirs = next(cookie.value for cookie in carl.session.cookies if cookie.name == LOGIN)
    form = {"do": "save", "title": "Autre", "_xsrf": lea.session.cookies["_xsrf"]}
    page = await platform.visitor().post(f"egress/{request.id}", form, xsrf=False, Cookie=both(lea, theirs or ""))
    assert page.status == 400
    assert platform.services.egress.request(request.id, "lea").title == request.title
