"""The step that installs Julia, or says why not."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from urllib.error import HTTPError

import pytest

STEP = Path(__file__).parents[2] / "images/workspace/julia.py"


@pytest.fixture
def step(tmp_path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location("julia_step", STEP)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.JULIA = tmp_path / "julia"
    module.DEPOT = module.JULIA / "depot"
    return module


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served"))) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def run(step: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **environment: str) -> None:
    settings = {"FLAVOUR": "full", "JULIA_SERVER": "", "JULIA_PKG_SERVER": "", "JULIA_DEPOT": "", **environment}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(step, "SCRATCH", tmp_path / "scratch")
    monkeypatch.setattr(step.platform, "machine", lambda: "x86_64")
    step.main()


def test_without_a_server_the_build_goes_on_and_says_so(
    step: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(step, monkeypatch, tmp_path)
    assert (step.JULIA / "absent").read_text("utf-8") == "not reachable: no JULIA_SERVER is named\n"
    assert "JULIA IS LEFT OUT OF THIS IMAGE: no JULIA_SERVER is named" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_not_reachable(
    step: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(step, monkeypatch, tmp_path, JULIA_SERVER="http://127.0.0.1:9")
    assert (step.JULIA / "absent").read_text("utf-8").startswith("not reachable: http://127.0.0.1:9/bin/linux/x64/")
    assert "JULIA IS LEFT OUT" in capsys.readouterr().err


def test_a_server_without_the_archive_fails_the_build(
    step: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    with pytest.raises(HTTPError):
        run(step, monkeypatch, tmp_path, JULIA_SERVER=server)


def test_an_archive_with_another_checksum_is_refused(
    step: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    folder = tmp_path / "served/bin/linux/x64" / step.VERSION.rpartition(".")[0]
    folder.mkdir(parents=True)
    (folder / f"julia-{step.VERSION}-linux-x86_64.tar.gz").write_bytes(b"something else")
    with pytest.raises(SystemExit, match="has the checksum"):
        run(step, monkeypatch, tmp_path, JULIA_SERVER=server)
    assert not (step.JULIA / "absent").exists()


def test_the_small_flavour_has_none(step: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run(step, monkeypatch, tmp_path, FLAVOUR="minimal", JULIA_SERVER="http://127.0.0.1:9")
    assert (step.JULIA / "absent").read_text("utf-8") == "not part of this flavour\n"


def test_only_addresses_are_downloaded_from(step: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an address"):
        step.download("/etc/passwd", tmp_path / "x", tmp_path / "none")
