"""What JupyterLab's page says of itself."""

from __future__ import annotations

import pytest

from hdh_jupyter.gateway.lab_installation import Installation, disabled_plugins, setting_overrides
from hdh_jupyter.gateway.lab_page import LabPage, page_config, place, restricted

BASE = "/user/prj-x/"


def test_what_was_enabled_elsewhere_is_off_again() -> None:
    page = restricted({"disabledExtensions": ["mine"], "token": "secret", "appName": "JupyterLab"}, ["terminals"])
    assert set(page["disabledExtensions"]) == {"mine", "terminals", *disabled_plugins()}
    assert page["lockedExtensions"] == page["disabledExtensions"]
    assert page["token"] == ""
    assert page["appName"] == "JupyterLab"


def test_plugins_of_jupyterlab_exist() -> None:
    """A plugin that was renamed upstream would silently stay on."""
    lab = "".join(script.read_text("utf-8") for script in Installation().static.glob("*.js"))
    own = [plugin for plugin in disabled_plugins() if plugin.startswith("@jupyterlab/") and "/git:" not in plugin]
    assert [plugin for plugin in own if f'"{plugin}"' not in lab and f"'{plugin}'" not in lab] == []


def test_overridden_settings_exist() -> None:
    for name in setting_overrides():
        package, _, plugin = name.partition(":")
        assert (Installation().schemas / package / f"{plugin}.json").is_file(), name


@pytest.mark.parametrize(
    ("path", "mode", "layout", "tree"),
    [
        ("lab", "multiple-document", "default", ""),
        ("lab/", "multiple-document", "default", ""),
        ("doc/tree/a.ipynb", "single-document", "default", "a.ipynb"),
        ("lab/tree/results/%C3%A9t%C3%A9.csv", "multiple-document", "default", "results/été.csv"),
        ("lab/workspaces/mine", "multiple-document", "mine", ""),
        ("lab/workspaces/mine/tree/a", "multiple-document", "mine", "a"),
    ],
)
def test_the_place(path: str, mode: str, layout: str, tree: str) -> None:
    assert place(path) == {"mode": mode, "workspace": layout, "treePath": tree}


def test_addresses_stay_below_the_project() -> None:
    config = page_config(Installation(), BASE)
    full = {name: value for name, value in config.items() if name.startswith("full")}
    assert {"fullSettingsUrl", "fullLabextensionsUrl", "fullStaticUrl", "fullTranslationsApiUrl"} <= set(full)
    assert all(value.startswith(BASE) for value in full.values())
    assert not any("/lib/python" in str(value) or "/share/" in str(value) for value in config.values())


def test_terminals_that_are_off_are_not_offered() -> None:
    page = LabPage(Installation())
    assert '"terminalsAvailable": true' in page.render(BASE, "lab", "fr", "http://hdh.localhost")
    closed = page.render(BASE, "lab", "fr", "http://hdh.localhost", terminals=False)
    assert '"terminalsAvailable": false' in closed
    assert closed.count('"@jupyterlab/terminal-extension:plugin"') == 2


def test_what_stands_in_the_page_is_data_whatever_it_holds() -> None:
    evil = "</script><script>alert(1)</script>"
    html = LabPage(Installation()).render(BASE, f"lab/tree/{evil}", "fr", "http://hdh.localhost", evil)
    assert "alert(1)</script>" not in html.replace("\\u003c/script\\u003e", "")
    assert "<script>" not in html
    assert html.count("<script") == html.count("</script>") == 3
