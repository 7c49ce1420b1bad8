"""What a build is told of this machine's package mirrors."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.images.mirrors import CredentialsError, apt_sources, mirrors, pip_settings


def test_the_environment_goes_before_pips_files() -> None:
    listing = ":env:.index-url='http://mirror/env'\nglobal.index-url='http://mirror/file'\nglobal.cert='/etc/ca.pem'\n"
    assert pip_settings(listing) == {"index-url": "http://mirror/env", "cert": "/etc/ca.pem"}


def test_only_settings_of_downloads_count() -> None:
    assert pip_settings("freeze.all='1'\nglobal.timeout='60'\nnot a setting\n") == {"timeout": "60"}


def test_both_forms_of_apts_sources_become_lines(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("# deb http://mirror/no x main\ndeb http://mirror/one suite main contrib\n")
    (folder / "a.sources").write_text(
        "Types: deb deb-src\nURIs: http://mirror/two http://mirror/three\nSuites: suite suite-updates\n"
        "Components: main\nSigned-By: /here.gpg\n\nTypes: deb\nEnabled: no\nURIs: http://mirror/off\nSuites: suite\n\n"
        "Types: deb-src\nURIs: http://mirror/source\nSuites: suite\nComponents: main\n"
    )
    (folder / "b.list.disabled").write_text("deb http://mirror/off suite main\n")
    assert apt_sources([tmp_path / "sources.list", folder]).splitlines() == [
        "deb http://mirror/one suite main contrib",
        "deb http://mirror/two suite main",
        "deb http://mirror/two suite-updates main",
        "deb http://mirror/three suite main",
        "deb http://mirror/three suite-updates main",
    ]


def test_a_line_with_options_is_left_to_the_person_who_builds(tmp_path: Path) -> None:
    # Its options name keys and architectures of this machine, which a base does not have.
    (tmp_path / "sources.list").write_text("deb [signed-by=/here.gpg] http://mirror/one suite main\n")
    assert apt_sources([tmp_path / "sources.list"]) == ""


def test_folders_of_this_machine_become_places_in_the_build() -> None:
    settings = {"find-links": "/srv/wheels", "extra-index-url": "file:///srv/index/simple http://mirror/simple"}
    told = mirrors(settings, "", {})
    assert told.arguments == {
        "PIP_FIND_LINKS": "/packages/1",
        "PIP_EXTRA_INDEX_URL": "file:///packages/0/simple http://mirror/simple",
    }
    assert told.folders == {Path("/srv/index"): "0", Path("/srv/wheels"): "1"}


def test_what_the_environment_names_is_passed_on_and_nothing_else() -> None:
    told = mirrors(
        {}, "deb http://mirror/x suite main", {"CRAN": "http://mirror/cran", "JULIA_DEPOT": "", "HOME": "/root"}
    )
    assert told.arguments == {"APT_SOURCES": "deb http://mirror/x suite main", "CRAN": "http://mirror/cran"}


@pytest.mark.parametrize(
    ("settings", "apt", "environment"),
    [
        ({"index-url": "https://me:secret@mirror/simple"}, "", {}),
        ({}, "deb https://me:secret@mirror/debian suite main", {}),
        ({}, "", {"CRAN": "https://me:secret@mirror/cran"}),
    ],
    ids=["pip", "apt", "environment"],
)
def test_a_password_never_gets_into_an_image(settings: dict[str, str], apt: str, environment: dict[str, str]) -> None:
    with pytest.raises(CredentialsError, match="password") as refused:
        mirrors(settings, apt, environment)
    assert "secret" not in str(refused.value)


def test_certificates_are_pips_or_the_systems() -> None:
    assert mirrors({"cert": "/a.pem"}, "", {"SSL_CERT_FILE": "/b.pem"}).certificates == Path("/a.pem")
    assert mirrors({}, "", {"SSL_CERT_FILE": "/b.pem"}).certificates == Path("/b.pem")
    assert mirrors({}, "", {}).certificates is None
