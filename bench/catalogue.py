"""What search in a large catalogue costs: building, size, memory, and answers with facets, beside two baselines.

10,000 datasets with 100 variables each, whose words have the frequencies of the national schema's labels where
`HDH_SHARED_DATA` has it, of the first records otherwise. Each query is asked four ways in turn: over HTTP to a Jupyter
server with the extension, of the index by a call, of tantivy alone (its very query, top 20 and facets, hits not even
made), and of the index on SQLite. `HDH_BENCH_CATALOGUE=0.01` takes a hundredth.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import report

from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import EVERYTHING
from hdh_jupyter.catalogue.search.engine import Engine
from hdh_jupyter.catalogue.search.facets import DEFAULT_FACETS, RESULT
from hdh_jupyter.catalogue.search.folder_index import FolderIndex
from hdh_jupyter.catalogue.search.query import Request
from hdh_jupyter.catalogue.search.sqlite_index import SqliteEngine
from hdh_jupyter.catalogue.search.tantivy_index import TantivyEngine
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.catalogue.words import STOP_WORDS, words

SCALE = float(os.environ.get("HDH_BENCH_CATALOGUE", "1"))
DATASETS, VARIABLES = 10_000, 100
QUERIES = {"one word": 50, "two words": 50, "three words": 30, "beginning of a word": 40, "typing error": 30}
ROUNDS = 3
TOKEN = "bench"  # noqa: S105 -- of a server that lives as long as this run
STORED = (RESULT, *(name for name in DEFAULT_FACETS if name != "usable"))


def run() -> None:
    """Print the figures at the large size, then at the real one."""
    with tempfile.TemporaryDirectory(prefix="hdh-bench-") as folder:
        for what in ("large", "real"):
            _measured(Path(folder, what), what)


def _measured(folder: Path, what: str) -> None:
    rows = []
    for engine in ("tantivy", "sqlite"):
        told = subprocess.run(
            [sys.executable, __file__, "build", what, engine, str(folder / engine)],
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        built = json.loads(told.stdout)
        size = sum(path.stat().st_size for path in (folder / engine).rglob("*") if path.is_file())
        rows.append(
            [
                engine,
                f"{built['datasets']:,}",
                f"{built['variables']:,}",
                f"{built['seconds']:.1f} s",
                f"{size / 2**20:.0f} MiB",
                f"{built['before']:.0f} MiB",
                f"{built['peak']:.0f} MiB",
            ]
        )
    report.title(f"Catalogue, {what} size: building")
    report.table(["engine", "datasets", "variables", "time", "size", "memory of records", "peak"], rows)
    fast, slow = _index(folder / "tantivy", TantivyEngine), _index(folder / "sqlite", SqliteEngine)
    bare = TantivyEngine(next((folder / "tantivy").glob("generation-*")))
    with _server(folder) as (ask, memory):
        _questions(what, fast, slow, bare, ask)
        print(f"\n  memory of the server that answered: {memory():.0f} MiB")


def _questions(
    what: str, fast: FolderIndex, slow: FolderIndex, bare: TantivyEngine, ask: Callable[[str], None]
) -> None:
    ways: dict[str, Callable[[str, Request], object]] = {
        "server extension": lambda query, _: ask(query),
        "index, by a call": lambda query, _: (fast.search(query), fast.facets(query)),
        "tantivy alone": lambda _, request: (bare.page(request, 20, 0), bare.facet_counts(request, STORED)),
        "index on SQLite": lambda query, _: (slow.search(query), slow.facets(query)),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    kinds: dict[str, dict[str, list[float]]] = {kind: {way: [] for way in ways} for kind in QUERIES}
    ask("")
    asked = list(_queries(fast))
    for round_ in range(ROUNDS):
        for number, (kind, query) in enumerate(asked):
            # The index keeps how a query was understood: another one each time is what typing is.
            typed = query + " " * round_
            request = _request(fast, typed)
            fast._generation._plans.clear()  # type: ignore[union-attr]
            for way in _turned(list(ways), number):
                if way == "index on SQLite" and round_:
                    continue
                begun = time.perf_counter()
                ways[way](typed, request)
                spent = (time.perf_counter() - begun) * 1000
                times[way].append(spent)
                kinds[kind][way].append(spent)
    report.title(f"Catalogue, {what} size: the best 20 hits with all facets, ms")
    reference = _part(times["tantivy alone"], 0.95)
    rows = [
        [way, *(f"{_part(found, share):.2f}" for share in (0.5, 0.95, 0.99)), f"{_part(found, 0.95) / reference:.2f}"]
        for way, found in times.items()
    ]
    report.table(["asked of", "p50", "p95", "p99", "p95 / tantivy alone"], rows)
    report.title(f"Catalogue, {what} size: p50 / p95 by kind of query, ms")
    rows = [
        [kind, *(f"{_part(found[way], 0.5):.2f} / {_part(found[way], 0.95):.2f}" for way in ways)]
        for kind, found in kinds.items()
    ]
    report.table(["query", *ways], rows)


def _request(index: FolderIndex, query: str) -> Request:
    index.count(query)
    generation = index._generation
    assert generation is not None  # noqa: S101 -- it has just answered
    return generation.request(query, generation.filter(EVERYTHING, index._today()))


def _index(folder: Path, engine: type[Engine]) -> FolderIndex:
    index = FolderIndex(folder, [engine])
    index.origin()
    return index


def _queries(index: FolderIndex) -> Iterator[tuple[str, str]]:
    chance = random.Random(2)  # noqa: S311 -- the same queries each time
    known, weights = _vocabulary()
    common = [word for word in known if len(word) >= 4 and word.isalpha() and word not in STOP_WORDS]
    bounds = list(itertools.accumulate(weights[word] for word in common))
    for kind, many in QUERIES.items():
        for _ in range(many):
            drawn = chance.choices(common, cum_weights=bounds, k=3)
            if kind == "one word":
                yield kind, drawn[0] + " "
            elif kind == "two words":
                yield kind, " ".join(drawn[:2]) + " "
            elif kind == "three words":
                yield kind, " ".join(drawn) + " "
            elif kind == "beginning of a word":
                yield kind, drawn[0][:4]
            else:
                place = chance.randrange(1, len(drawn[0]) - 1)
                yield kind, drawn[0][:place] + drawn[0][place + 1 :] + " "


def _turned(ways: list[str], number: int) -> list[str]:
    first = number % len(ways)
    return ways[first:] + ways[:first]


def _part(found: list[float], share: float) -> float:
    return sorted(found)[min(int(len(found) * share), len(found) - 1)]


@contextmanager
def _server(folder: Path) -> Iterator[tuple[Callable[[str], None], Callable[[], float]]]:
    """Run a Jupyter server with the extension; give what asks it, and what tells its memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "project.json").write_text('{"project": "bench", "grants": []}', "utf-8")
    options = [
        f"--ServerApp.port={port}",
        "--ServerApp.open_browser=False",
        "--ServerApp.jpserver_extensions={'hdh_catalogue': True}",
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={TOKEN}",
        f"--CatalogueExtension.catalogue_folder={folder / 'tantivy'}",
        f"--CatalogueExtension.project_file={folder / 'project.json'}",
        "--ServerApp.log_level=ERROR",
    ]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(folder / name.lower()) for name in names}, "JUPYTER_NO_CONFIG": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "extensions")]
    )
    server = subprocess.Popen([sys.executable, "-m", "jupyter_server", *options], env=environment)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(query: str) -> None:
        connection.request(
            "GET", f"/hdh-catalogue/search?q={quote(query)}&limit=20", headers={"Authorization": f"token {TOKEN}"}
        )
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:300]!r}")

    def memory() -> float:
        status = Path(f"/proc/{server.pid}/status").read_text("ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024

    try:
        for _ in range(600):
            try:
                ask("")
                break
            except (ConnectionError, http.client.HTTPException):
                connection.close()
                time.sleep(0.1)
        # Without Nagle's algorithm, as browsers do it.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield ask, memory
    finally:
        connection.close()
        server.terminate()
        server.wait()


def _schema() -> Path | None:
    folder = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent")) / "schema-snds"
    return folder if folder.is_dir() else None


def _national_tables() -> tuple[Table, ...]:
    """Return the tables of the national schema, none where it is not there."""
    folder = _schema()
    tables = []
    for path in sorted(folder.rglob("*.json")) if folder else ():
        found = json.loads(path.read_text("utf-8", errors="replace"))
        variables = tuple(Variable(v["name"], v["type"], label=v["description"]) for v in found["fields"])
        tables.append(Table(found["name"], found.get("title"), variables=variables))
    return tuple(tables)


def _vocabulary() -> tuple[list[str], Counter[str]]:
    """Return words, with how often they stand in real labels."""
    texts = [v.label for table in _national_tables() for v in table.variables if v.label]
    for record in first_records():
        texts += [fact.value for fact in (record.summary, record.population, record.long_name) if fact]
        texts += [v.label for v in record.variables if v.label]
    counted = Counter(word for text in texts for word in words(text))
    return sorted(counted, key=lambda word: (-counted[word], word)), counted


def _large() -> Iterator[Dataset]:
    """Return made-up records: a name of three codes, a label of 3 to 9 words, a description of 8 to 28."""
    chance = random.Random(1)  # noqa: S311 -- the same records each time
    known, counted = _vocabulary()
    bounds = list(itertools.accumulate(counted[word] for word in known))
    codes = [word[:3].upper() for word in known if len(word) >= 3 and word.isalpha()]
    models = first_records()

    def text(least: int, most: int) -> str:
        return " ".join(chance.choices(known, cum_weights=bounds, k=chance.randint(least, most)))

    for number in range(max(1, int(DATASETS * SCALE))):
        variables = tuple(
            Variable("_".join(chance.choices(codes, k=3)), "string", label=text(3, 9), description=text(8, 28))
            for _ in range(VARIABLES)
        )
        tables = tuple(Table(f"T{n}", text(2, 5), variables=variables[n::5]) for n in range(5))
        model = models[number % len(models)]
        yield replace(
            model,
            id=f"base-{number}",
            name=f"{text(1, 3)} {number}",
            summary=Fact(text(20, 60), Certainty.OFFICIAL),
            tables=tables,
            first_year=chance.randint(1990, 2020),
        )


def _real() -> list[Dataset]:
    """Return the first records, and the national schema as one more."""
    records = first_records()
    return [*records, replace(records[0], id="national-schema", name="Schéma national", tables=_national_tables())]


def _build(what: str, engine: str, folder: str) -> None:
    """Build an index in this process, and tell how it went."""
    records = list(_large()) if what == "large" else _real()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.perf_counter()
    kind: type[Engine] = TantivyEngine if engine == "tantivy" else SqliteEngine
    FolderIndex(Path(folder), [kind]).rebuild(records)
    told = {
        "seconds": time.perf_counter() - begun,
        "datasets": len(records),
        "variables": sum(len(record.variables) for record in records),
        "before": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    _build(*sys.argv[2:])
