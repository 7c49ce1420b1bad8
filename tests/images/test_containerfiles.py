"""The Containerfiles, read as data."""

from __future__ import annotations

import configparser
import os
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
CONTAINERFILES = sorted((ROOT / "images").glob("*/Containerfile"))
TEXTS = sorted(
    file
    for folder in ("images", "scripts/images")
    for file in (ROOT / folder).rglob("*")
    if file.is_file() and file.suffix not in {".pyc", ".ipynb"}
)

Instructions = list[tuple[str, str]]


def instructions(file: Path) -> Instructions:
    """Return the instructions of a Containerfile: word, rest."""
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [
        (word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in whole.splitlines()) if word
    ]


def listed(file: Path) -> set[str]:
    """Return the names in a list with comments."""
    return {line.strip() for line in file.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")}


def test_there_are_the_two_images() -> None:
    assert [file.parent.name for file in CONTAINERFILES] == ["hub", "workspace"]


@pytest.mark.parametrize("file", CONTAINERFILES, ids=lambda file: file.parent.name)
class TestContainerfile:
    def test_it_starts_from_one_base_that_is_an_argument(self, file: Path) -> None:
        found = instructions(file)
        assert found[0][0] == "ARG"
        assert found[0][1].startswith("BASE=")
        sources = [rest.split()[0] for word, rest in found if word == "FROM"]
        stages = [rest.split()[-1] for word, rest in found if word == "FROM"]
        assert sources[0] == "${BASE}"
        assert set(sources[1:]) <= set(stages)

    def test_it_downloads_by_package_managers_alone(self, file: Path) -> None:
        found = instructions(file)
        assert not [rest for word, rest in found if word == "ADD"]
        assert not [rest for word, rest in found if word == "RUN" and re.search(r"\b(curl|wget|git clone)\b", rest)]
        assert not [rest for word, rest in found if word == "COPY" and "://" in rest]

    def test_nothing_of_it_runs_as_root(self, file: Path) -> None:
        found = instructions(file)
        last = max(number for number, (word, _) in enumerate(found) if word == "FROM")
        users = [rest for word, rest in found[last:] if word == "USER"]
        assert users[-1] == "1000:1000"
        after = found[max(n for n, (word, _) in enumerate(found) if word == "USER") + 1 :]
        assert not [word for word, _ in after if word in {"RUN", "COPY"}]

    def test_the_last_step_leaves_nothing_to_misuse(self, file: Path) -> None:
        steps = [rest for word, rest in instructions(file) if word == "RUN"]
        assert steps[-1].endswith("/steps/harden")

    def test_secrets_and_addresses_stay_out_of_the_environment(self, file: Path) -> None:
        settings = " ".join(rest for word, rest in instructions(file) if word == "ENV")
        assert not re.search(r"APT_|PIP_|CRAN|JULIA_(SERVER|PKG)|certificates", settings)

    def test_it_says_what_it_is(self, file: Path) -> None:
        labels = " ".join(rest for word, rest in instructions(file) if word == "LABEL")
        for key in ("title", "description", "version", "revision", "created", "licenses"):
            assert f"org.opencontainers.image.{key}=" in labels

    def test_arguments_are_declared_where_they_are_used(self, file: Path) -> None:
        arguments: set[str] = set()
        for word, rest in instructions(file)[1:]:
            if word == "FROM":
                arguments = set()
            elif word == "ARG":
                arguments.add(rest.partition("=")[0])
            elif word in {"RUN", "LABEL"}:
                assert set(re.findall(r"\$\{?([A-Z_]+)", rest)) <= arguments, rest

    def test_the_files_that_it_names_are_there(self, file: Path) -> None:
        runs = " ".join(rest for word, rest in instructions(file) if word == "RUN")
        for name in set(re.findall(r"(?<!\S)/(?:images/)?((?:steps|workspace|hub)/[a-z-]+)(?=[\s)\"]|$)", runs)):
            step = ROOT / "images" / name
            assert os.access(step, os.X_OK), name


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_host_is_named(file: Path) -> None:
    assert not re.findall(r"[a-z+]+://[\w-]+(?:\.[\w-]+)+", file.read_text("utf-8"))


def test_the_small_image_has_nothing_that_the_package_does_not_ask_for() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    asked = config["options.extras_require"]["workspace"].split("\n") + config["options"]["install_requires"].split(
        "\n"
    )
    assert listed(ROOT / "images/workspace/minimal.txt") <= {Requirement(line).name for line in asked if line}


def test_the_full_image_has_what_the_small_one_has() -> None:
    folder = ROOT / "images/workspace"
    assert listed(folder / "packages-minimal.txt") < listed(folder / "packages-full.txt")


@pytest.mark.parametrize("image", ["hub", "workspace"])
def test_no_compiler_is_installed_in_the_end(image: str) -> None:
    names = set().union(*(listed(file) for file in (ROOT / "images" / image).glob("packages*.txt")))
    assert not [
        name for name in names if re.match(r"(gcc|g\+\+|clang|build-essential|make|.*-dev$|sudo|gfortran)", name)
    ]
