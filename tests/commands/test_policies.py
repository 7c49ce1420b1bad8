"""`hdh-jupyter policy`: versions of a project's criteria."""

from __future__ import annotations

from pathlib import Path

import pytest

from hdh_jupyter.disclosure.policy import default_policy, word_list

from .conftest import Terminal


@pytest.fixture
def vox(peopled: Terminal, tmp_path: Path) -> Terminal:
    assert peopled("project", "add", "vox", "--title=Vox").status == 0
    text = word_list("french-health").replace("value: 11\n", "value: 20\n", 1)
    (tmp_path / "tight.yaml").write_text(text)
    (tmp_path / "wrong.yaml").write_text(text.replace("identifiers.nir: block", "identifiers.nri: block"))
    return peopled


def test_each_version_is_kept_with_its_author_and_reason(vox: Terminal, tmp_path: Path) -> None:
    assert vox.json("policy", "list")[0]["sha256"] == default_policy().sha256
    tight = str(tmp_path / "tight.yaml")
    assert vox("policy", "set", "vox", tight, "--reason=Petites communes", "--as=ada").status == 0
    assert vox("policy", "set", "vox", "--reason=Fin de l’étude", "--as=ada").status == 0
    history = vox.json("policy", "history", "vox")
    assert [(v["version"], v["own"], v["author"]) for v in history] == [(2, False, "ada"), (1, True, "ada")]
    assert history[1]["reason"] == "Petites communes"
    assert history[0]["sha256"] == default_policy().sha256 != history[1]["sha256"]
    told = [event for event in vox.told() if event[0] == "registry.policy_changed"]
    assert [(project, subject) for _, project, subject, _ in told] == [("vox", "1"), ("vox", "2")]
    assert told[0][3] == {"sha256": history[1]["sha256"], "reason": "Petites communes"}


def test_the_difference_from_the_default_is_shown(vox: Terminal, tmp_path: Path) -> None:
    assert "comes with the platform" in vox("policy", "show", "vox", "--diff").out
    vox("policy", "set", "vox", str(tmp_path / "tight.yaml"), "--reason=x", "--as=ada")
    shown = vox("policy", "show", "vox", "--diff").out
    assert "-    value: 11" in shown
    assert "+    value: 20" in shown
    assert vox.json("policy", "show", "vox")["own"] is True


REFUSED = {
    "00 no reason": (("vox", "{}/tight.yaml"), "admin.usage"),
    "01 unknown project": (("nix", "{}/tight.yaml", "--reason=x"), "policy.unknown_project"),
    "02 unknown rule": (("vox", "{}/wrong.yaml", "--reason=x"), "policy.unknown_rules"),
    "03 no file": (("vox", "{}/missing.yaml", "--reason=x"), "policy.unreadable_file"),
    "04 not an admin": (("vox", "{}/tight.yaml", "--reason=x", "--as=nadia"), "admin.not_an_admin"),
    "05 nothing changes": (("vox", "--reason=x"), "policy.unchanged"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(vox: Terminal, tmp_path: Path, case: tuple[tuple[str, ...], str]) -> None:
    words, code = case
    outcome = vox("policy", "set", *(word.format(tmp_path) for word in words))
    assert (outcome.status, outcome.code) == (1, code)
    assert vox.json("policy", "list")[0]["version"] == 0
    assert not [event for event in vox.told() if event[0] == "registry.policy_changed"]
