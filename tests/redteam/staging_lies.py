"""What a hostile server inside says of the files that it staged, and how a puller that believes it is harmed.

The gateway asks for a manifest and then for each file by its place there. The control is a puller that believes all.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from .model import Attack, Stands, attack
from .replaced_server import Answers, answer

STAGING = "f" * 32
PLACE = f"hdh-egress/staged/{STAGING}"

MIB = 2**20
MOST_FILES = 150
"""After so many files, and so many bytes of one, the control has shown enough."""
MOST_BYTES = 16 * MIB

Taken = list[tuple[str, bytes]]
"""Names and contents, in the order in which they were pulled."""

GOOD = b"week,count\n1,120\n2,140\n"
EVIL = b"week,count\n1,120\n2,666\n"


def entry(index: int = 0, name: str = "result.csv", content: bytes = GOOD, **other: Any) -> dict[str, Any]:
    return {
        "index": index, "name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **other
    }  # fmt: skip


def manifest(*entries: dict[str, Any]) -> bytes:
    return answer(json.dumps({"staging": STAGING, "files": entries}), "application/json")


def file(content: bytes, *headers: str) -> bytes:
    return answer(content, "application/octet-stream", "200 OK", *headers)


def without_length(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n" + content


@dataclass(frozen=True)
class Lie:
    """What the server says, and whether what was taken shows that it was believed."""

    attack: Attack
    manifest: bytes
    file: bytes
    harm: Callable[[Taken], bool]

    @property
    def answers(self) -> Answers:
        # A redirect leads to what only this machine may see.
        return {PLACE: self.manifest, rf"{PLACE}/\d+": self.file, "hdh-egress/elsewhere": file(b"INTERNAL")}


def lie(
    number: int, title: str, manifest: bytes, file: bytes, harm: Callable[[Taken], bool], reference: str = ""
) -> Lie:
    return Lie(attack(number, title, Stands.SERVER, reference=reference), manifest, file, harm)


def named(part: str) -> Callable[[Taken], bool]:
    return lambda taken: any(part in name for name, _ in taken)


def holding(part: bytes) -> Callable[[Taken], bool]:
    return lambda taken: any(part in content for _, content in taken)


def longer_than(size: int) -> Callable[[Taken], bool]:
    return lambda taken: any(len(content) > size for _, content in taken)


def anything(taken: Taken) -> bool:
    return bool(taken)


DEEP = answer("[" * 100_000 + "]" * 100_000, "application/json")

LIES = (
    lie(721, "Other bytes than those whose hash was shown", manifest(entry()), file(EVIL), holding(b"666")),
    lie(722, "More bytes than it said", manifest(entry()), without_length(GOOD + EVIL), longer_than(len(GOOD))),
    lie(723, "Fewer bytes than it said", manifest(entry()), without_length(GOOD[:9]), anything),
    lie(724, "Bytes without end", manifest(entry()), without_length(bytes(64 * MIB)), longer_than(8 * MIB)),
    lie(725, "A name that climbs out of its folder", manifest(entry(name="../../evil.csv")), file(GOOD), named(".."),
        "path traversal"),
    lie(726, "An absolute name", manifest(entry(name="/etc/cron.d/evil")), file(GOOD), named("/etc"),
        "path traversal"),
    lie(727, "A name with the other slash", manifest(entry(name="..\\..\\evil.csv")), file(GOOD), named("\\"),
        "path traversal"),
    lie(728, "A name that reads otherwise than it is", manifest(entry(name="result\u202evsc.exe")), file(GOOD),
        named("\u202e"), "right-to-left override"),
    lie(729, "Two files of one name, the second in the first's place", manifest(entry(), entry(1)), file(GOOD),
        lambda taken: len(taken) == 2),
    lie(730, "Five thousand files", manifest(*(entry(n, f"{n}.csv") for n in range(5000))), file(GOOD),
        lambda taken: len(taken) > 100),
    lie(731, "A manifest of forty megabytes",
        answer(json.dumps({"files": [entry()], "more": "x" * 40 * MIB}), "application/json"), file(GOOD), anything),
    lie(732, "A size below zero", manifest(entry(size=-1)), file(GOOD), anything),
    lie(733, "A manifest that is nested without end", DEEP, file(GOOD), anything, "RecursionError"),
    lie(734, "A file that is said to be elsewhere (redirect)", manifest(entry(content=b"INTERNAL")),
        answer("", "", "302 Found", "Location: ../../../hdh-egress/elsewhere"), holding(b"INTERNAL"), "SSRF"),
    lie(735, "A file that grows a thousandfold when it is unpacked", manifest(entry(content=bytes(20 * MIB))),
        file(gzip.compress(bytes(20 * MIB)), "Content-Encoding: gzip"), longer_than(8 * MIB), "decompression bomb"),
    lie(736, "A page in the place of a file", manifest(entry(content=b"<script>")), answer(b"<script>"),
        holding(b"<script>")),
)  # fmt: skip


def believing(address: str, headers: dict[str, str]) -> Taken:
    """Pull what is staged and believe all that is said; a puller that falls over has taken what ended it."""
    taken: Taken = []
    reply = requests.get(f"{address}/{PLACE}", headers=headers, timeout=20)
    try:
        files = reply.json()["files"]
    except RecursionError:
        return [("it falls over", b"")]
    for one in files[:MOST_FILES]:
        with requests.get(f"{address}/{PLACE}/{one['index']}", headers=headers, timeout=20, stream=True) as reply:
            content = b""
            for piece in reply.iter_content(MIB):
                content += piece
                if len(content) > MOST_BYTES:
                    break
        taken.append((one["name"], content))
    return taken


def kept(files: Any, path: Callable[[str], Path]) -> Taken:
    """Return what the hub zone has of a draft."""
    return [(one.name, path(one.sha256).read_bytes()) for one in files]
