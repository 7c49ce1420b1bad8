"""How fast a large table is checked, on one core, beside reading it and hashing it; the same rows in other formats.

Every figure is taken in a process of its own, bound to one core; the checks with the check worker's own settings.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import report

RUNS = 5
SIZE = 100_000_000
"""Bytes of the table."""
WORKBOOK_ROWS = 380_000
"""Rows of the workbook, which then takes about 10 MB."""


def check(path: Path) -> None:
    """Check, as advice in a workspace."""
    from hdh_jupyter import disclosure

    expect_clean(disclosure.check([path]).to_stored())


def check_and_sanitise(path: Path) -> None:
    """Check and write what may leave, as the worker of the hub zone does."""
    from hdh_jupyter.disclosure.engine import check_and_sanitise

    with TemporaryDirectory(dir=path.parent) as out:
        expect_clean(check_and_sanitise([path], Path(out)).to_stored())


def read_csv(path: Path) -> None:
    """Read into a data frame."""
    import pandas

    pandas.read_csv(path, sep=";")


def sha256(path: Path) -> None:
    """Hash."""
    with path.open("rb") as stream:
        hashlib.file_digest(stream, "sha256")


MEASURED: dict[str, Callable[[Path], None]] = {
    "pandas.read_csv": read_csv,
    "SHA-256": sha256,
    "check": check,
    "check_and_sanitise": check_and_sanitise,
}
BASELINES = ("pandas.read_csv", "SHA-256")


def expect_clean(stored: dict[str, object]) -> None:
    """Refuse to measure a check that stopped early."""
    if stored["verdict"] != "pass":
        raise SystemExit(f"the table is not clean: {stored['findings']}")


def write_table(path: Path, size: int) -> int:
    """Write a clean table of counts of about `size` bytes and return its number of rows.

    One row per day, département, age group and sex; visits, admissions, and their share.
    """
    draw = random.Random(7)  # noqa: S311 -- the same table every time
    rows = 0
    day = date(1990, 1, 1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write("jour;departement;classe_age;sexe;passages;hospitalisations;taux_hospitalisation\n")
        while stream.tell() < size:
            lines = []
            for departement in [f"{n:02d}" for n in range(1, 96)]:
                for age in ("0-14", "15-44", "45-64", "65-74", "75+"):
                    for sex in "FH":
                        visits = 60 + int(draw.expovariate(1 / 300))
                        admitted = 11 + int((visits - 30) * draw.random() / 2)
                        share = admitted / visits * 100
                        lines.append(f"{day};{departement};{age};{sex};{visits};{admitted};{share:.2f}\n")
            stream.write("".join(lines))
            rows += len(lines)
            day += timedelta(1)
    return rows


def write_parquet(source: Path, target: Path) -> int:
    """Write the same rows as Parquet and return what they take in memory, in bytes."""
    from pyarrow import csv, parquet

    table = csv.read_csv(source, parse_options=csv.ParseOptions(delimiter=";"))
    parquet.write_table(table, target)
    return int(table.nbytes)


def write_workbook(source: Path, target: Path, rows: int) -> None:
    """Write the first rows as an Excel workbook."""
    import xlsxwriter

    with source.open(encoding="utf-8") as stream, xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Comptes")
        for number, line in zip(range(rows), stream, strict=False):
            first, *cells = line.rstrip("\n").split(";")
            sheet.write_string(number, 0, first)
            for column, cell in enumerate(cells, start=1):
                written = sheet.write_number if number and column > 3 else sheet.write_string
                written(number, column, float(cell) if number and column > 3 else cell)


def measure(name: str, path: Path) -> None:
    """Measure one thing in this process and print it as JSON."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if name not in BASELINES:
        import pyarrow as pa

        from hdh_jupyter.disclosure.worker import WithoutUnused

        pa.set_memory_pool(pa.system_memory_pool())
        sys.meta_path.insert(0, WithoutUnused())
    # The first call imports what it needs; a small file does that.
    small = path.with_name("small" + path.suffix)
    MEASURED[name](small)
    begun, busy = time.perf_counter(), time.process_time()
    MEASURED[name](path)
    taken, used = time.perf_counter() - begun, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": taken, "cpu": used, "peak": peak}))


def run() -> None:
    """Print the figures of this part."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "counts.csv"
        rows = write_table(path, SIZE)
        write_table(path.with_name("small.csv"), 1000)
        size = path.stat().st_size
        report.title(f"disclosure: a clean CSV of {size / 1e6:.0f} MB ({rows:,} rows), one core, median of {RUNS}")
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in MEASURED}
        for _ in range(RUNS):
            # Taken in turn, so that what else the machine does weighs on all alike.
            for name in MEASURED:
                taken[name].append(measured(name, path))
        other = other_formats(path, rows)
    median = {
        name: {field: statistics.median(run[field] for run in runs) for field in runs[0]}
        for name, runs in taken.items()
    }
    rows_of_report = []
    for name, found in median.items():
        speed = size / 1e6 / found["seconds"]
        ratios = [f"{found['cpu'] / median[baseline]['cpu']:.1f}" for baseline in BASELINES]
        busy = size / 1e6 / found["cpu"]
        cells = [f"{speed:.0f} MB/s", f"{busy:.0f} MB/s", *ratios, f"{found['peak'] / 2**20:.0f} MiB"]
        rows_of_report.append((name, *cells))
    headings = ("", "by the clock", "by processor time", *(f"x {baseline}" for baseline in BASELINES), "peak memory")
    report.table(headings, rows_of_report)
    report.title("disclosure: the same rows as Parquet, and the first of them as an Excel workbook; one core, one run")
    report.table(("", "file", "rows a second", "processor time", "peak memory"), other)


def measured(name: str, path: Path) -> dict[str, float]:
    """Measure one thing in a process of its own."""
    command = [sys.executable, __file__, name, str(path)]
    child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(child.stdout))


def other_formats(path: Path, rows: int) -> list[tuple[str, ...]]:
    """Measure the check of the same rows in other formats."""
    memory = write_parquet(path, path.with_suffix(".parquet"))
    write_parquet(path.with_name("small.csv"), path.with_name("small.parquet"))
    write_workbook(path, path.with_suffix(".xlsx"), WORKBOOK_ROWS)
    write_workbook(path.with_name("small.csv"), path.with_name("small.xlsx"), 20)
    found = []
    for suffix, count in ((".csv", rows), (".parquet", rows), (".xlsx", WORKBOOK_ROWS)):
        file = path.with_suffix(suffix)
        taken = measured("check", file)
        size = f"{file.stat().st_size / 1e6:.1f} MB"
        if suffix == ".parquet":
            size += f" ({memory / 1e6:.0f} in memory, {memory / 1e6 / taken['cpu']:.0f} MB/s of these)"
        speed = f"{count / taken['seconds']:,.0f}"
        found.append((f"check {suffix}", size, speed, f"{taken['cpu']:.1f} s", f"{taken['peak'] / 2**20:.0f} MiB"))
    return found


if __name__ == "__main__":
    measure(sys.argv[1], Path(sys.argv[2]))
