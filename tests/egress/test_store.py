"""The content-addressed store, attacked."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest

from hdh_jupyter.egress.store import CHUNK, Store
from hdh_jupyter.errors import PublicError

from .world import stream

BYTES = b"department,visits\n75,1200\n"
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "egress")


def everything(store):
    return sorted(p for p in store.root.rglob("*") if not p.is_dir())


def modes(path):
    return stat.S_IMODE(path.lstat().st_mode)


async def test_put_keeps_the_bytes_under_their_hash(store):
    assert await store.put(stream(BYTES), 100) == (SHA256, len(BYTES))
    assert store.path(SHA256).read_bytes() == BYTES
    assert b"".join(store.read(SHA256)) == BYTES
    assert store.verify(SHA256) == store.path(SHA256)


async def test_objects_are_read_only_and_folders_closed(store):
    await store.put(stream(BYTES), 100)
    assert modes(store.path(SHA256)) == 0o400
    assert {modes(p) for p in (store.root, *store.root.rglob("*")) if p.is_dir()} == {0o700}


async def test_same_bytes_twice_are_kept_once(store):
    await store.put(stream(BYTES), 100)
    await store.put(stream(BYTES, 1), 100)
    assert everything(store) == [store.path(SHA256)]


async def test_an_empty_file_is_a_file(store):
    sha256, size = await store.put(stream(b""), 0)
    assert size == 0
    assert store.verify(sha256).read_bytes() == b""


async def test_too_large_leaves_nothing_and_stops_reading(store):
    read = []

    async def endless():
        while True:
            read.append(1)
            yield b"x" * 10

    with pytest.raises(PublicError) as refused:
        await store.put(endless(), 35)
    assert refused.value.status == 413
    assert len(read) == 4
    assert everything(store) == []


async def test_exactly_the_limit_is_allowed(store):
    assert (await store.put(stream(BYTES), len(BYTES)))[1] == len(BYTES)


async def test_broken_stream_leaves_nothing(store):
    async def broken():
        yield BYTES
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put(broken(), 100)
    assert everything(store) == []


@pytest.mark.parametrize(
    "name",
    ["", "..", "../../etc/passwd", SHA256.upper(), SHA256[:-1], SHA256 + "\n", "/etc/passwd", "g" * 64, "é" * 64],
)
def test_only_hashes_are_addresses(store, name):
    with pytest.raises(FileNotFoundError):
        store.path(name)
    with pytest.raises(PublicError):
        list(store.read(name))


async def test_changed_bytes_are_found_out(store):
    await store.put(stream(BYTES), 100)
    path = store.path(SHA256)
    path.chmod(0o600)
    path.write_bytes(BYTES.replace(b"1200", b"1201"))
    with pytest.raises(PublicError) as refused:
        store.verify(SHA256)
    assert refused.value.code == "egress.store_damaged"


async def test_damage_is_mended_by_the_same_bytes(store):
    await store.put(stream(BYTES), 100)
    path = store.path(SHA256)
    path.chmod(0o600)
    path.write_bytes(b"")
    await store.put(stream(BYTES), 100)
    assert store.verify(SHA256).read_bytes() == BYTES


async def test_an_object_replaced_by_a_link_is_not_followed(store, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(BYTES)
    await store.put(stream(BYTES), 100)
    path = store.path(SHA256)
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(FileNotFoundError):
        store.path(SHA256)
    with pytest.raises(PublicError):
        store.verify(SHA256)


def test_put_file_follows_no_link(store, tmp_path):
    (tmp_path / "secret").write_bytes(BYTES)
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="link"):
        store.put_file(tmp_path / "link")
    assert everything(store) == []


def test_put_file_waits_for_no_pipe_and_takes_no_folder(store, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError):  # noqa: PT011 -- any refusal of the system is right
            store.put_file(path)


def test_put_file_keeps_to_its_limit(store, tmp_path):
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(3 * CHUNK)
    with pytest.raises(PublicError):
        store.put_file(tmp_path / "sparse", 2 * CHUNK)
    assert everything(store) == []
    assert store.put_file(tmp_path / "sparse", 3 * CHUNK)[1] == 3 * CHUNK


def test_scratch_is_removed(store):
    def break_off():
        with store.scratch() as path:
            path.write_bytes(b"half an archive")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        break_off()
    assert everything(store) == []
