"""What buildah and mmdebstrap are asked to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.images import engine
from scripts.images.targets import TARGETS


def test_a_build_gets_its_mirrors_as_arguments_and_certificates_as_a_secret() -> None:
    command = engine.build_command(
        Path("images/hub/Containerfile"),
        Path("context"),
        "x:1",
        "base:1",
        {"CRAN": "http://mirror/a b"},
        Path("/ca.pem"),
    )
    assert command == [
        *("buildah", "bud", "--isolation=chroot", "--layers=false", "--pull=false", "--format=oci"),
        *("--file=images/hub/Containerfile", "--tag=x:1", "--build-arg=BASE=base:1"),
        *("--build-arg=CRAN=http://mirror/a b", "--secret=id=certificates,src=/ca.pem", "context"),
    ]


def test_a_base_is_made_from_given_sources_or_mmdebstraps_own() -> None:
    assert engine.bootstrap_command(True)[-3:] == ["bookworm", "-", "-"]
    assert engine.bootstrap_command(False)[-2:] == ["bookworm", "-"]


def test_missing_programs_are_named() -> None:
    with pytest.raises(engine.MissingToolError, match="no-such-builder"):
        engine.require("no-such-builder", "python3")


def test_every_target_takes_the_arguments_that_its_containerfile_declares() -> None:
    root = Path(__file__).parents[2] / "images"
    for target in TARGETS.values():
        text = (root / target.folder / "Containerfile").read_text("utf-8")
        for argument in (*target.mirrors, *target.arguments, "VERSION", "REVISION", "CREATED"):
            assert f"\nARG {argument}=" in text, (target.name, argument)


def test_every_proof_runs_without_network_and_rights() -> None:
    assert {"--network=none", "--cap-drop=all", "--security-opt=no-new-privileges"} <= set(engine.SEALED)
    assert all(target.proofs for target in TARGETS.values())
