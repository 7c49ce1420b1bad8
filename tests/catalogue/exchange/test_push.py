"""Records sent to a national catalogue: a real server on this machine, with the interface of the Health Data Hub's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from rdflib import DCAT, DCTERMS, RDF, Graph, Literal, URIRef

from hdh_jupyter.catalogue.exchange import push as pushing
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.exchange.push import MAX_ANSWER, Outcome, Pushed, Target, push, withdraw
from hdh_jupyter.catalogue.exchange.shapes_files import own_shapes
from hdh_jupyter.catalogue.exchange.validation import validate
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.errors import PublicError

KEY = "k3y-of-the-data-provider"
OURS = Publication("https://catalogue.example/records/")


@dataclass
class NationalCatalogue:
    """Keeps descriptions by their identifier, each owned by a key."""

    url: str = ""
    owners: dict[str, str] = field(default_factory=lambda: {KEY: "us", "other-key": "them"})
    kept: dict[str, tuple[str, str, Graph]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answer: web.Response | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs, dict(request.headers)))
        if self.answer is not None:
            return self.answer
        owner = self.owners.get(request.headers.get("X-API-Key", ""))
        if owner is None:
            return web.json_response({"detail": "unknown key"}, status=401)
        body = await request.read()
        if request.method == "DELETE":
            return self.deleted(request.path.rsplit("/", 1)[-1], owner)
        assert request.content_type == "text/turtle"
        graph = Graph().parse(data=body, format="turtle")
        [node] = graph.subjects(RDF.type, DCAT.Dataset)
        if request.method == "POST":
            identifier = f"hdh-{len(self.kept) + 1}"
            self.kept[identifier] = (owner, str(node), graph)
            return web.json_response({"id": identifier}, status=201)
        original = request.query["originalId"]
        for identifier, (whose, known, _) in self.kept.items():
            if known == original:
                if whose != owner:
                    return web.json_response({"detail": "record of another provider"}, status=403)
                self.kept[identifier] = (owner, known, graph)
                return web.json_response(identifier)
        return web.json_response({"detail": "not found"}, status=404)

    def deleted(self, identifier: str, owner: str) -> web.Response:
        if identifier not in self.kept:
            return web.json_response({"detail": "not found"}, status=404)
        if self.kept[identifier][0] != owner:
            return web.json_response({"detail": "record of another provider"}, status=403)
        del self.kept[identifier]
        return web.Response(status=204)


@pytest.fixture
async def national() -> AsyncIterator[NationalCatalogue]:
    made = NationalCatalogue()
    app = web.Application()
    app.router.add_post("/api/ingest/datasets", made.handle)
    app.router.add_put("/api/ingest/datasets/origin", made.handle)
    app.router.add_delete("/api/ingest/datasets/{id}", made.handle)
    app.router.add_route("*", "/elsewhere{rest:.*}", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    yield made
    await runner.cleanup()


@pytest.fixture(scope="module")
def oscour() -> Dataset:
    found = next(record for record in first_records() if record.id == "oscour")
    secret = Variable("SECRET_COD", "string", restricted=True)
    return replace(found, tables=(Table("t", variables=(secret, Variable("age", "integer"))),))


async def test_a_record_arrives_is_replaced_and_withdrawn(national: NationalCatalogue, oscour: Dataset) -> None:
    target = Target(national.url, KEY)
    assert await push(oscour, OURS, target) == Pushed("oscour", Outcome.CREATED, "hdh-1")
    [(_, iri, graph)] = national.kept.values()
    assert iri == OURS.page("oscour")
    assert validate(graph, own_shapes()) == ()
    again = replace(oscour, name="OSCOUR 2")
    assert await push(again, OURS, target) == Pushed("oscour", Outcome.UPDATED, "hdh-1")
    [(_, _, graph)] = national.kept.values()
    assert graph.value(URIRef(iri), DCTERMS.title) == Literal("OSCOUR 2", lang="fr")
    assert await withdraw("hdh-1", target)
    assert not national.kept
    assert not await withdraw("hdh-1", target)
    assert [method for method, _, _ in national.requests] == ["PUT", "POST", "PUT", "DELETE", "DELETE"]
    assert all(headers["X-API-Key"] == KEY for _, _, headers in national.requests)


async def test_only_what_anybody_may_know_is_sent(national: NationalCatalogue, oscour: Dataset) -> None:
    await push(oscour, OURS, Target(national.url, KEY))
    [(_, _, graph)] = national.kept.values()
    said = graph.serialize(format="turtle")
    assert "age" in said
    assert "SECRET_COD" not in said
    assert "urn:hdh-jupyter" not in said


ANSWERS = {
    "00 words": ((400, '{"detail": "no such theme"}'), "refused", "no such theme"),
    "01 a list of words": ((422, '{"detail": [{"loc": ["title"], "msg": "too long"}]}'), "refused", "too long"),
    "02 a page": ((500, "<h1>broken\n\n here</h1>"), "refused", "<h1>broken here</h1>"),
    "03 nothing": ((503, ""), "refused", "503"),
    "04 without end": ((400, "x" * 10 * MAX_ANSWER), "refused", "x" * 500),
    "05 the key itself": ((400, '{"detail": "bad key ' + KEY + '"}'), "refused", "bad key •••"),
    "06 control characters": ((400, "a\x1b[31mb"), "refused", "a[31mb"),
    "07 unknown key": ((401, "{}"), "key_refused", "clé"),
    "08 another's record": ((403, '{"message": "not yours"}'), "not_ours", "not yours"),
    "09 taken, and nothing said": ((201, ""), None, ""),
    "10 taken, and something else said": ((201, '{"status": "ok"}'), None, ""),
    "11 moved": ((301, ""), "redirected", "autre adresse"),
}


@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS)
async def test_answers_are_told_in_words(
    national: NationalCatalogue,
    oscour: Dataset,
    case: tuple[tuple[int, str], str | None, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (status, body), code, words = case
    national.answer = web.Response(status=status, text=body, headers={"Location": "/elsewhere"})
    caplog.set_level(logging.DEBUG)
    target = Target(national.url, KEY)
    if code is None:
        # An update needs no identifier; without one the record cannot be withdrawn from here.
        assert await push(oscour, OURS, target) == Pushed("oscour", Outcome.UPDATED, "")
    else:
        with pytest.raises(PublicError) as refused:
            await push(oscour, OURS, target)
        assert refused.value.code == f"catalogue.exchange.push.{code}"
        assert words in refused.value.message("fr")
        assert refused.value.message("fr") != refused.value.message("en")
        assert KEY not in refused.value.message("fr") + repr(refused.value.params)
    assert len(national.requests) == 1
    assert KEY not in caplog.text + repr(target) + str(target)


async def test_a_new_record_without_an_identifier_is_told(national: NationalCatalogue, oscour: Dataset) -> None:
    async def handle(request: web.Request) -> web.Response:
        national.requests.append((request.method, "", {}))
        return web.Response(status=404 if request.method == "PUT" else 201)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(PublicError) as refused:
        await push(oscour, OURS, Target(f"http://127.0.0.1:{runner.addresses[0][1]}", KEY))
    await runner.cleanup()
    assert refused.value.code == "catalogue.exchange.push.bad_answer"


async def test_a_record_of_another_provider_stays(national: NationalCatalogue, oscour: Dataset) -> None:
    await push(oscour, OURS, Target(national.url, "other-key"))
    before = dict(national.kept)
    for attempt in (push(oscour, OURS, Target(national.url, KEY)), withdraw("hdh-1", Target(national.url, KEY))):
        with pytest.raises(PublicError) as refused:
            await attempt
        assert refused.value.code == "catalogue.exchange.push.not_ours"
        assert "another provider" in refused.value.message("fr")
    assert national.kept == before


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_goes_nowhere_else(national: NationalCatalogue, oscour: Dataset, status: int) -> None:
    national.answer = web.Response(status=status, headers={"Location": national.url.replace("/api", "/elsewhere")})
    with pytest.raises(PublicError) as refused:
        await push(oscour, OURS, Target(national.url, KEY))
    assert refused.value.code == "catalogue.exchange.push.redirected"
    assert [path.startswith("/api") for _, path, _ in national.requests] == [True]


async def test_nobody_there(oscour: Dataset, unused_tcp_port: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PublicError) as refused:
        await push(oscour, OURS, Target(f"http://127.0.0.1:{unused_tcp_port}", KEY))
    assert (refused.value.code, refused.value.status) == ("catalogue.exchange.push.unreachable", 502)
    assert KEY not in caplog.text


async def test_somebody_who_never_answers(
    oscour: Dataset, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    monkeypatch.setattr(pushing, "TIMEOUT", 0.2)
    async with await asyncio.start_server(silent, "127.0.0.1", unused_tcp_port):
        with pytest.raises(PublicError) as refused:
            await push(oscour, OURS, Target(f"http://127.0.0.1:{unused_tcp_port}", KEY))
        over.set()
    assert refused.value.code == "catalogue.exchange.push.unreachable"


async def test_an_identifier_stays_one_part_of_the_address(national: NationalCatalogue) -> None:
    await withdraw("../../x?y#z", Target(national.url, KEY))
    assert [path for _, path, _ in national.requests] == ["/api/ingest/datasets/..%2F..%2Fx%3Fy%23z"]


@pytest.mark.parametrize("identifier", ["", ".", "..", " ", "/"])
async def test_what_is_no_identifier_withdraws_nothing(national: NationalCatalogue, identifier: str) -> None:
    with pytest.raises(PublicError) as refused:
        await withdraw(identifier, Target(national.url, KEY))
    assert refused.value.code == "catalogue.exchange.push.bad_id"
    assert national.requests == []


async def test_the_environment_changes_nothing(
    national: NationalCatalogue, oscour: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await push(oscour, OURS, Target(national.url, KEY))).outcome is Outcome.CREATED


TARGETS = {
    "00 another scheme": ("ftp://catalogue.example/api", KEY, "bad_url"),
    "01 account in the address": ("https://user:word@catalogue.example/api", KEY, "bad_url"),
    "02 parameters": ("https://catalogue.example/api?x=1", KEY, "bad_url"),
    "03 no host": ("https:///api", KEY, "bad_url"),
    "04 not encrypted": ("http://catalogue.example/api", KEY, "insecure"),
    "05 a name that begins like this machine's": ("http://localhost.example/api", KEY, "insecure"),
    "06 no key": ("https://catalogue.example/api", "", "bad_key"),
    "07 another header in the key": ("https://catalogue.example/api", "a\r\nX-Other: b", "bad_key"),
    "08 a key of other letters": ("https://catalogue.example/api", "clé", "bad_key"),
    "09 spaces in the address": ("https://catalogue.example/a b", KEY, "bad_url"),
}


@pytest.mark.parametrize("case", TARGETS.values(), ids=TARGETS)
def test_a_target_is_looked_at_first(case: tuple[str, str, str]) -> None:
    with pytest.raises(PublicError) as refused:
        Target(case[0], case[1])
    assert refused.value.code == f"catalogue.exchange.push.{case[2]}"
    assert refused.value.message("fr") != refused.value.message("en")
