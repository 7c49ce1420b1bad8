"""The proof that `make images` runs inside an image finds what would help somebody there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hdh_jupyter import __version__
from scripts.images import engine
from scripts.images.targets import TARGETS

pytestmark = pytest.mark.images

IMAGE = f"localhost/hdh-workspace:{__version__}-minimal"
SPOILT = "localhost/hdh-workspace-spoilt:test"
FILES = Path(__file__).parents[2] / "images"

SITE = "/opt/hdh/lib/python3.11/site-packages"

FLAWS = {
    "cp /usr/bin/id /usr/bin/own && chmod u+s /usr/bin/own": "/usr/bin/own runs as its owner or group",
    "cp /usr/bin/id /usr/bin/grouped && chmod g+s /usr/bin/grouped": "/usr/bin/grouped runs as its owner or group",
    "cp /usr/bin/id /usr/bin/gcc": "/usr/bin/gcc is there",
    "cp /usr/bin/id /usr/local/bin/sudo": "/usr/local/bin/sudo is there",
    "mkdir /etc/apt": "/etc/apt is left of the build",
    "chmod 644 /etc/shadow": "/etc/shadow can be read",
    f"chown 1000 {SITE}/hdh_lockdown/server.py": f"{SITE}/hdh_lockdown/server.py can be written",
    f"chmod o+w {SITE}/jupyter_server": f"{SITE}/jupyter_server/__init__.py can be replaced",
    "mkdir -m 777 /srv/open": "/srv/open can be written",
}
"""What is done to an image, and what its proof must say."""


@pytest.fixture(scope="module")
def said() -> Iterator[str]:
    """Give what the proof says of an image with every flaw."""
    container = engine.output(["buildah", "from", "--pull=false", IMAGE]).strip()
    try:
        change = ["buildah", "run", "--isolation=chroot", "--user=0", container, "--", "sh", "-c", " && ".join(FLAWS)]
        subprocess.run(change, check=True)
        engine.run(["buildah", "commit", "-q", container, SPOILT])
        command = ["/opt/hdh/bin/python", "/proof/smoke/workspace.py", "minimal"]
        with pytest.raises(subprocess.CalledProcessError) as failed:
            engine.inside(SPOILT, [f"--volume={FILES}:/proof:ro"], ["sh", "-c", f"exec {' '.join(command)} 2>&1"])
        yield failed.value.output
    finally:
        engine.run(["buildah", "rm", container])
        subprocess.run(["podman", "rmi", "-f", SPOILT], check=False)


@pytest.mark.parametrize("sentence", FLAWS.values(), ids=[f"{number:02}" for number in range(len(FLAWS))])
def test_each_flaw_is_found(said: str, sentence: str) -> None:
    assert f"  {sentence}\n" in said


def test_an_account_with_the_roots_rights_is_found() -> None:
    options = ["--user=0", f"--volume={FILES}:/proof:ro"]
    command = ["sh", "-c", "exec /opt/hdh/bin/python /proof/smoke/workspace.py minimal 2>&1"]
    with pytest.raises(subprocess.CalledProcessError) as failed:
        engine.inside(IMAGE, options, command)
    assert "  runs as 0 in the groups" in failed.value.output


def test_a_kernel_that_is_missing_is_found() -> None:
    options = [f"--volume={FILES}:/proof:ro"]
    command = ["sh", "-c", "exec /opt/hdh/bin/python /proof/smoke/workspace.py full 2>&1"]
    with pytest.raises(subprocess.CalledProcessError) as failed:
        engine.inside(IMAGE, options, command)
    assert "the kernels are ['python3'] instead of ['ir', 'julia', 'python3']" in failed.value.output


@pytest.mark.parametrize("name", TARGETS)
def test_no_history_tells_what_built_the_image(name: str) -> None:
    target = TARGETS[name]
    history = engine.output(
        [
            "podman",
            "history",
            "--no-trunc",
            "--format={{.CreatedBy}}",
            f"localhost/{target.image}:{__version__}{target.suffix}",
        ]
    )
    assert not history.strip()


def test_building_anew_leaves_neither_its_own_name_nor_the_image_of_before() -> None:
    name = "localhost/hdh-anew:test"
    seen = []
    for label in ("first", "second"):
        with engine.instead_of(name) as built:
            engine.output(["podman", "tag", IMAGE, built])
            engine.seal(built, name, {"hdh-jupyter.test": label})
        seen.append(str(engine.inspect(name)["Id"]))
        assert subprocess.run(["podman", "image", "exists", built], check=False).returncode == 1
    first, second = seen
    try:
        assert first != second
        assert subprocess.run(["podman", "image", "exists", first], check=False).returncode == 1
        assert engine.inspect(name)["Labels"]["hdh-jupyter.test"] == "second"
        assert subprocess.run(["podman", "image", "exists", IMAGE], check=False).returncode == 0
    finally:
        engine.output(["podman", "rmi", second])
