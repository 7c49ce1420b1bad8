"""The form of a model that may leave says the same, and nothing beside it."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pytest

from hdh_jupyter.disclosure import check, default_policy, sanitise
from hdh_jupyter.disclosure.engine import check_and_sanitise


def remarked() -> bytes:
    """An archive of arrays with remarks and a date."""
    stream = io.BytesIO()
    array = io.BytesIO()
    np.save(array, np.arange(5.0))
    with zipfile.ZipFile(stream, "w") as archive:
        member = zipfile.ZipInfo("coef.npy", (2021, 3, 4, 5, 6, 8))
        member.comment = b"Dr Martin"
        archive.comment = b"service de cardiologie"
        archive.writestr(member, array.getvalue())
    return stream.getvalue()


def compressed() -> bytes:
    stream, plain = io.BytesIO(), io.BytesIO()
    joblib.dump({"coef": np.arange(5.0)}, plain)
    with gzip.GzipFile("patients_martin.joblib", "wb", fileobj=stream) as target:
        target.write(plain.getvalue())
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "gone"),
    [("m.npz", remarked(), (b"Martin", b"cardiologie")), ("m.joblib", compressed(), (b"martin",))],
    ids=["00", "01"],
)
def test_what_stands_beside_the_numbers_goes(
    tmp_path: Path, name: str, content: bytes, gone: tuple[bytes, ...]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert all(word in content for word in gone)
    clean = sanitise(path, tmp_path / "out", (), default_policy(), name)
    written = clean.path.read_bytes()
    assert not any(word in written for word in gone)
    again = sanitise(path, tmp_path / "again", (), default_policy(), name)
    assert again.sha256 == clean.sha256
    if name == "m.npz":
        np.testing.assert_array_equal(np.load(clean.path)["coef"], np.arange(5.0))
    else:
        np.testing.assert_array_equal(joblib.load(clean.path)["coef"], np.arange(5.0))


def test_an_hdf5_file_loses_what_it_does_not_show(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.arange(6.0).reshape(2, 3)
        file["secret"] = np.frombuffer(b"patients 184127645108946" * 20, "u1")
        del file["secret"]
    (tmp_path / "files").mkdir()
    report = check_and_sanitise([path], tmp_path / "files")
    assert (str(report.verdict), report.files[0].releasable) == ("pass", True)
    assert b"184127645108946" not in (tmp_path / "files" / "0").read_bytes()
    with h5py.File(tmp_path / "files" / "0") as file:
        np.testing.assert_array_equal(file["layers/dense/vars/0"][()], np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize("link", ["external", "soft", "virtual"])
def test_an_hdf5_file_that_leads_elsewhere_is_refused(tmp_path: Path, link: str) -> None:
    import h5py

    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = np.arange(5.0)
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.arange(6.0)
        if link == "external":
            file["layers/more"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "x")
        elif link == "soft":
            file["layers/more"] = h5py.SoftLink("/elsewhere")
        else:
            layout = h5py.VirtualLayout((5,), "f8")
            layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (5,))
            file.create_virtual_dataset("layers/more", layout)
    assert [f.key for f in check([path]).findings] == ["unreadable_model_structure"]
