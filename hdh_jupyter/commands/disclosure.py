"""`hdh-jupyter check` and `hdh-jupyter sanitise`: disclosure control of files, on any machine, without a platform.

Files are parsed in the sandboxed worker where bubblewrap works, else in a limited process. A check that does not come
to its end blocks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from traitlets.config import Application

from ..disclosure.engine import refused
from ..disclosure.model import PolicyReference, Report, Verdict
from ..disclosure.policy import Policy, default_policy
from ..egress.sandbox import CheckFailure, CheckLimits, run_limited, run_sealed, sandbox_works
from ..i18n import LANGUAGES, preferred_language, translate
from ..safe_files import is_plain, open_beneath, open_folder
from .disclosure_output import print_report

STATUS = {Verdict.PASS: 0, Verdict.REVIEW: 1, Verdict.BLOCK: 2}
USAGE = 64
"""The status of wrong usage (EX_USAGE of sysexits.h), which no verdict has."""
LIMITS = CheckLimits(pulse=0.3)
FAILURES = {"egress.check.timed_out": "timed_out", "egress.check.too_much_output": "too_much_output"}
TABLES = ("csv", "tsv", "workbook", "parquet", "feather")
"""Kinds whose values remedies can protect."""


class DisclosureParser(ArgumentParser):
    """A parser whose status for wrong usage is none of the verdicts'."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


class DisclosureCommand(Application):
    """What both commands share."""

    arguments: Namespace

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Parse `argv` with the command's own parser."""
        parser = DisclosureParser(
            prog=f"hdh-jupyter {self.name}",
            description=type(self).__doc__,
            epilog="Exit status: 0 pass, 1 review, 2 block, 64 wrong usage.",
            allow_abbrev=False,
        )
        self.build(parser)
        parser.add_argument(
            "--policy", type=Path, metavar="FILE", help="judge by this policy, not the one that comes along"
        )
        parser.add_argument(
            "--about",
            default="",
            metavar="TEXT",
            help="say who is counted and under which filter: “Population : women”",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--language", choices=LANGUAGES, help="speak this language; by default the terminal's")
        # The platform's commands all have it: scripts that add it everywhere keep working.
        parser.add_argument("--state", help=SUPPRESS)
        self.arguments = parser.parse_args(argv or [])

    def build(self, parser: ArgumentParser) -> None:
        """Add the command's own arguments."""
        raise NotImplementedError

    @property
    def language(self) -> str:
        """The language to speak."""
        chosen: str | None = self.arguments.language
        return preferred_language(os.environ.get("LC_ALL") or os.environ.get("LANG", ""), chosen)

    def show(self, report: Report) -> None:
        """Print the report as asked."""
        if self.arguments.json:
            print(json.dumps(report.to_dict(self.language), ensure_ascii=False, indent=2))
        else:
            print_report(report, self.language, sys.stdout)

    def usage(self, key: str, **params: object) -> NoReturn:
        """End with a sentence, as wrong usage."""
        print(f"hdh-jupyter {self.name}: {translate(key, self.language, **params)}", file=sys.stderr)
        self.exit(USAGE)
        raise AssertionError


class Check(DisclosureCommand):
    """Check files that are to leave together, and say what keeps them from leaving."""

    name = "check"

    def build(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder with all its files"
        )
        parser.add_argument(
            "--against",
            action="append",
            default=[],
            type=Path,
            metavar="RELEASED_FILE",
            help="a file that was released before (as often as needed)",
        )

    def start(self) -> None:
        asked = self.arguments
        for path in (*asked.paths, *asked.against):
            if not path.exists():
                self.usage("check.no_file", path=path)
        files = named(asked.paths)
        if not files:
            self.usage("check.nothing")
        against = list(named(asked.against).values())
        with TemporaryDirectory(prefix="hdh-check-") as folder:
            report = checked(Path(folder), files, against, asked.policy, asked.about, {}, _progress(self.language))
        self.show(report)
        self.exit(STATUS[report.verdict])


class Sanitise(DisclosureCommand):
    """Write the form of a file that may leave, and check it; nothing is written where none may leave."""

    name = "sanitise"

    def build(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the file")
        parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="where to write")
        parser.add_argument(
            "--remedy",
            action="append",
            default=[],
            metavar="ID",
            help="apply this remedy first (as often as needed); by default “suppress” to a table that is blocked",
        )

    def start(self) -> None:
        asked = self.arguments
        if not asked.path.is_file():
            self.usage("check.no_file", path=asked.path)
        if not asked.out.parent.is_dir() or asked.out.is_dir():
            self.usage("check.no_folder", path=asked.out)
        with TemporaryDirectory(prefix="hdh-sanitise-") as folder:
            report, made = self._sanitised(Path(folder))
            if made is None:
                if not asked.json:
                    print(translate("check.not_written", self.language, path=asked.path), file=sys.stderr)
            else:
                _put(made, asked.out)
        self.show(report)
        self.exit(STATUS[report.verdict])

    def _sanitised(self, folder: Path) -> tuple[Report, Path | None]:
        """Return the report on what may leave and where it is; None, and the report on the file, when nothing may."""
        asked, tell = self.arguments, _progress(self.language)
        files = {asked.path.name: asked.path}
        report = checked(
            folder / "0", files, [], asked.policy, asked.about, {"0": asked.remedy} if asked.remedy else {}, tell
        )
        where = folder / "0"
        if not report.files[0].releasable and not asked.remedy and report.files[0].kind in TABLES:
            where = folder / "1"
            report = checked(where, files, [], asked.policy, asked.about, {"0": ["suppress"]}, tell)
        if not report.files[0].releasable:
            return report, None
        made = folder / "made"
        made.write_bytes(_written(where, "files/0", LIMITS.output))
        again = checked(folder / "2", {asked.path.name: made}, [], asked.policy, asked.about, {}, tell)
        return (report, None) if again.verdict is Verdict.BLOCK else (again, made)


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """Return the files of paths by a name of each: within its folder where folders are walked, else the file's own.

    Names that would be the same become paths from the folder that all have in common.
    """
    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_symlink() or not p.is_dir())
            found += [(p.relative_to(path).as_posix(), p) for p in inside]
        else:
            # A link that somebody names is followed; one that lies in a folder is not.
            found.append((path.name, path.resolve()))
    found = list({path.absolute(): (name, path) for name, path in found}.values())
    if len({name for name, _ in found}) < len(found):
        common = Path(os.path.commonpath([path.absolute().parent for _, path in found]))
        found = [(path.absolute().relative_to(common).as_posix(), path) for _, path in found]
    return dict(found)


def checked(
    folder: Path,
    files: Mapping[str, Path],
    against: Sequence[Path],
    policy: Path | None,
    about: str,
    remedies: Mapping[str, Sequence[str]],
    tell: Callable[[str], None],
) -> Report:
    """Run the check of files in `folder`, and return its report; what fails is a report that blocks.

    Parameters
    ----------
    tell
        Told the name of the file that is looked at.
    """
    paths, names = list(files.values()), list(files)
    manifest: dict[str, Any] = {"remedies": remedies}
    criteria = default_policy()
    if policy is not None:
        given = b""
        try:
            given = policy.read_bytes()
            manifest["policy"] = given.decode()
            criteria = Policy.from_yaml(manifest["policy"])
        except (OSError, ValueError):
            logging.getLogger(__name__).debug("The policy cannot be read", exc_info=True)
            reference = PolicyReference("unreadable", "0", sha256(given).hexdigest())
            return refused(paths, names, reference, "engine.policy", "engine.policy")
    for each in (folder, folder / "in", folder / "out"):
        each.mkdir(parents=True, exist_ok=True)
    for index, path in enumerate(paths):
        _copy(path, folder / "in" / str(index))
    for index, path in enumerate(against):
        _copy(path, folder / "in" / f"against-{index}")
    manifest["files"] = [{"path": str(i), "name": name, "about": about} for i, name in enumerate(names)]
    manifest["against"] = [{"path": f"against-{i}", "name": path.name} for i, path in enumerate(against)]
    (folder / "in" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    try:
        asyncio.run(_run(folder, tell))
        report = Report.from_stored(json.loads(_written(folder, "report.json", LIMITS.report)))
        if report.policy != criteria.reference or [f.name for f in report.files] != names:
            raise CheckFailure("egress.check.bad_report")
    except CheckFailure as failure:
        key = FAILURES.get(failure.reason, "crashed")
        return refused(paths, names, criteria.reference, "engine.failed", f"engine.{key}")
    except (OSError, ValueError):
        logging.getLogger(__name__).exception("The check's report cannot be read")
        return refused(paths, names, criteria.reference, "engine.failed", "engine.crashed")
    return report


def _copy(source: Path, target: Path) -> None:
    """Copy a file for the worker; what is not a file shows to it as a link to nowhere, which it blocks."""
    if source.is_file() and not source.is_symlink():
        shutil.copyfile(source, target)
    else:
        target.symlink_to("nowhere")


def _written(folder: Path, path: str, limit: int) -> bytes:
    """Return what the worker wrote, which is believed no more than the files that it read."""
    with open_folder(folder, "out") as out, open(open_beneath(out, path, os.O_RDONLY), "rb") as file:
        if not is_plain(os.fstat(file.fileno())):
            raise FileNotFoundError(path)
        return file.read(limit)


async def _run(folder: Path, tell: Callable[[str], None]) -> None:
    watching = asyncio.create_task(_watch(folder, tell))
    try:
        if await sandbox_works():
            await run_sealed(folder, LIMITS)
        else:
            await run_limited(folder, LIMITS)
    finally:
        watching.cancel()
        tell("")


async def _watch(folder: Path, tell: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(LIMITS.pulse)
        with contextlib.suppress(OSError):
            tell((await asyncio.to_thread(_written, folder, "progress", 200)).decode("utf-8", "replace"))


def _progress(language: str) -> Callable[[str], None]:
    """Return what shows on a terminal which file is looked at; elsewhere nothing is shown."""
    if not sys.stderr.isatty():
        return lambda name: None

    def tell(name: str) -> None:
        shown = "".join(c for c in name if c.isprintable())
        line = translate("check.looking", language, name=shown) if shown else ""
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    return tell


def _put(made: Path, out: Path) -> None:
    """Write the sanitised file in one step."""
    draft = out.with_name(f".{out.name}.part")
    shutil.copyfile(made, draft)
    draft.replace(out)
