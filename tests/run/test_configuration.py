"""The configuration file: what it may set, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.policy import WorkspacePolicy
from hdh_jupyter.run.configuration import check_configuration, configured, load_configuration
from hdh_jupyter.state import StateFolder

ROOT = Path(__file__).parents[2]


def test_sections_are_read_from_the_one_file(tmp_path: Path) -> None:
    path = tmp_path / "jupyterhub_config.py"
    path.write_text(
        "c = get_config()\n"
        "c.JupyterHub.bind_url = 'http://127.0.0.1:1'\n"
        "c.GatewayLimits.contents_text = 4096\n"
        "c.WorkspacePolicy.copy = 'off'\n"
        "c.WorkspacePolicy.terminals = False\n"
    )
    check_configuration(path)
    config = load_configuration(path)
    assert configured(GatewayLimits, config).contents_text == 4096
    policy = configured(WorkspacePolicy, config)
    assert policy.to_dict() == {"copy": {"mode": "off", "limit": 2000}, "terminals": False}


@pytest.mark.parametrize(
    ("case", "text", "code", "said"),
    [
        ("00", "c = get_config(\n", "run.bad_configuration", "SyntaxError"),
        ("01", "c = get_config()\nc.X.y = nothing\n", "run.bad_configuration", "line 2: NameError"),
        ("02", "raise SystemExit(3)\n", "run.bad_configuration", "line 1: SystemExit"),
        ("03", "c.WorkspacePolicy.copy = 'sometimes'\n", "run.bad_setting", "sometimes"),
        ("04", "c.WorkspacePolicy.terminal = False\n", "run.unknown_setting", "WorkspacePolicy.terminal,"),
        ("05", "c.GatewayLimits.contents_text = -1\n", "run.bad_setting", "contents_text"),
        ("06", "c.GatewayLimits.contents_txt = 5\n", "run.unknown_setting", "contents_text"),
        ("07", "c.Budgets.nothing = 5\n", "run.unknown_setting", "Budgets.nothing"),
        ("08", "c.WorkspacePolicy.copy_limit = 0\n", "run.bad_setting", "copy_limit"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(tmp_path: Path, case: str, text: str, code: str, said: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(PublicError) as caught:
        check_configuration(path)
    assert caught.value.code == code
    for language in ("fr", "en"):
        assert said in caught.value.message(language)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PublicError) as caught:
        check_configuration(tmp_path / "none.py")
    assert caught.value.code == "run.no_configuration"


def test_the_configuration_of_the_distribution_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    StateFolder(tmp_path / "state").create()
    for name, value in (("HDH_STATE", str(tmp_path / "state")), ("HDH_HOST", "hdh.localhost"), ("HDH_PORT", "8000")):
        monkeypatch.setenv(name, value)
    check_configuration(ROOT / "jupyterhub_config.py")
