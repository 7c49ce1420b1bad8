"""Running one attack from inside: the very same code in a kernel of the workspace and of the plain JupyterLab.

Each attack is a function of this folder; its text goes through the kernel's websocket and runs in a process of its own
below the kernel. It returns what it got; that the system refuses shows as an OSError, or as `Blocked`. Anything else is
a fault of the attack, and fails the test.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import inside_tools
from .clients import Kernel
from .model import Attack, Expected, Outcome, Stands, attack

Code = Callable[[dict[str, Any]], str]

ANSWER = "red-team-answer:"

RUNNER = """
import json as _json, subprocess as _subprocess, sys as _sys
def _attack(program, seconds):
    try:
        done = _subprocess.run([_sys.executable, "-"], input=program, capture_output=True, text=True, timeout=seconds)
    except _subprocess.TimeoutExpired:
        print("red-team-answer:" + _json.dumps(["blocked", "no answer"]))
        return
    answers = [line for line in done.stdout.splitlines() if line.startswith("red-team-answer:")]
    if answers:
        print(answers[-1])
    elif done.returncode == -31:
        print("red-team-answer:" + _json.dumps(["blocked", "killed for a forbidden system call"]))
    else:
        print("red-team-answer:" + _json.dumps(["broken", str(done.returncode) + done.stderr[-800:]]))
"""

FRAME = """
import errno as _errno, json as _json, os as _os, sys as _sys, traceback as _traceback
try:
    _answer = ["reached", {function}(_json.loads({facts!r}))]
except Blocked as error:
    _answer = ["blocked", str(error)]
except OSError as error:
    _answer = ["blocked", _errno.errorcode.get(error.errno) or type(error).__name__]
except Exception:
    _answer = ["broken", _traceback.format_exc()[-800:]]
print({answer!r} + _json.dumps(_answer), flush=True)
_os._exit(0)
"""


@dataclass(frozen=True)
class Inside:
    """An attack from inside, and its code.

    Attributes
    ----------
    needs
        Facts without which there is no control on this machine.
    root
        Whether the plain JupyterLab must run as root for the control.
    absent
        How the control fails on a machine whose kernel has no such thing at all.
    """

    attack: Attack
    code: Code
    needs: tuple[str, ...] = ()
    root: bool = False
    absent: tuple[str, ...] = ()


ATTACKS: dict[int, Inside] = {}


def inside(
    number: int,
    title: str,
    *,
    needs: tuple[str, ...] = (),
    root: bool = False,
    absent: tuple[str, ...] = (),
    expected: Expected = Expected.BLOCKED,
    reference: str = "",
) -> Callable[[Code], Code]:
    """Register a function as an attack by a notebook in Python."""

    def register(code: Code) -> Code:
        registered = attack(number, title, Stands.NOTEBOOK, expected=expected, reference=reference)
        ATTACKS[number] = Inside(registered, code, needs, root, absent)
        return code

    return register


def program(code: Code, facts: dict[str, Any]) -> str:
    """Return the text that tries an attack: the tools, what its module imports, and the function itself."""
    module = ast.parse(Path(inspect.getsourcefile(code) or "").read_text("utf-8"))
    imports = [
        node for node in module.body
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level)
    ]  # fmt: skip
    imports = [node for node in imports if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
    function = next(n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == code.__name__)
    function.decorator_list = []
    parts = [inspect.getsource(inside_tools), *map(ast.unparse, imports), ast.unparse(function)]
    frame = FRAME.format(function=code.__name__, facts=json.dumps(facts), answer=ANSWER)
    return "\n".join([*parts, frame])


def attempt(kernel: Kernel, code: Code, facts: dict[str, Any], seconds: float = 20) -> Outcome:
    """Try an attack in a kernel.

    Raises
    ------
    RuntimeError
        The attack itself is at fault.
    """
    text = program(code, facts)
    printed = kernel.run(f"{RUNNER}\n_attack({text!r}, {seconds})", seconds + 20)
    answers = [line for line in printed.splitlines() if line.startswith(ANSWER)]
    if not answers:
        raise RuntimeError(f"no answer from the kernel: {printed[-800:]}")
    verdict, detail = json.loads(answers[-1].removeprefix(ANSWER))
    if verdict == "broken":
        print(detail, file=sys.stderr)
        raise RuntimeError(f"the attack is at fault: {detail}")
    return Outcome(verdict == "reached", detail)
