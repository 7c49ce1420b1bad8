"""Where fuzzing starts: requests and replies as they are, from which one step leads to what they should not be."""

from __future__ import annotations

import base64
import json

_MODEL = {
    "name": "a.txt",
    "path": "a.txt",
    "type": "file",
    "writable": True,
    "created": "2026-01-01T00:00:00Z",
    "last_modified": "2026-01-01T00:00:00Z",
    "mimetype": "text/plain",
    "content": "text",
    "format": "text",
}
_KERNEL = {"id": "k", "name": "python3", "last_activity": "now", "execution_state": "idle", "connections": 1}
_SESSION = {"id": "s", "path": "a", "name": "a", "type": "notebook", "kernel": _KERNEL}
_STAGED = {"staging": "x", "files": [{"index": 0, "name": "a/b.csv", "size": 1, "sha256": "0" * 64}]}
_ERROR = {"message": "no", "reason": None, "code": "gateway.x"}
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_HEAD = (
    b"\nHost: prj-vega.hdh.localhost:8000\r\nOrigin: http://prj-vega.hdh.localhost:8000\r\nSec-Fetch-Site: same-origin"
)

SEEDS: tuple[bytes, ...] = (
    b"/user/prj-vega/api/contents/a%2Fb/../c?content=1&token=x",
    b"/user/prj-vega/lab/tree/%c3%a9.ipynb",
    b"\x00api/contents/a.ipynb/checkpoints",
    b"\x00api/kernels/0a1b2c3d-0000-4000-8000-0123456789ab/channels",
    b"\x02api/collaboration/session/a%2Fb.ipynb",
    b"\x00api/me" + _HEAD,
    b"\x02api/contents/a" + _HEAD + b"\r\nAuthorization: token x",
    b"Accept: */*\r\nCookie: a=b\r\nX-HDH-User: x\r\nHost: evil",
    *(b"\x00" + json.dumps(value).encode() for value in (_MODEL, [_MODEL], [_KERNEL], _KERNEL, [_SESSION], _SESSION)),
    *(json.dumps(value).encode() for value in (_STAGED, _ERROR, {"characters": 3, "kind": "cell"})),
    b'\x00["\\ud800\\udc00\\ud800", 1e999, -0.0, "\\u0000"]',
    _PNG,
    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
)
