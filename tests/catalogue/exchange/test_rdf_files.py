"""Turtle and JSON-LD from people who mean harm: refused in words, and nothing is ever fetched."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from rdflib import Graph, Literal

from hdh_jupyter.catalogue.exchange import bounds, rdf_files
from hdh_jupyter.catalogue.exchange.dcat_files import read
from hdh_jupyter.catalogue.exchange.hostile import MAX_BYTES
from hdh_jupyter.catalogue.exchange.rdf_files import Syntax, parse
from hdh_jupyter.catalogue.exchange.shapes_files import read_shapes
from hdh_jupyter.catalogue.exchange.validation import validate
from hdh_jupyter.errors import PublicError


class Trap(BaseHTTPRequestHandler):
    """Notes who comes by, and answers with what a fetcher would be glad of."""

    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/ld+json")
        self.end_headers()
        self.wfile.write(b'{"@context": {"title": "http://purl.org/dc/terms/title"}}')

    do_POST = do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def trap() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Trap) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def code_of(content: bytes, syntax: Syntax) -> str:
    with pytest.raises(PublicError) as refused:
        parse(content, syntax, "bad")
    assert refused.value.message("fr") != refused.value.message("en")
    assert "bad" in refused.value.message("fr")
    return refused.value.code.removeprefix("catalogue.exchange.")


TURTLE: dict[str, tuple[str, str]] = {
    "00 not turtle": ("no turtle at all", "not_rdf"),
    "01 xml with entities": ('<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>', "not_rdf"),
    "02 nested nodes": ("<a:a> <a:b> " + "[ <a:b> " * 100_000, "too_deep"),
    "03 nested lists": ("<a:a> <a:b> " + "( " * 100_000, "too_deep"),
    "04 imports": ("<a:a> <http://www.w3.org/2002/07/owl#imports> <TRAP/o> .", "imports_elsewhere"),
    "05 credentials": ("<a:a> <a:b> <https://user:secret@host/> .", "credentials"),
    "06 long text": ('<a:a> <a:b> "' + "x" * (bounds.MAX_LITERAL + 1) + '" .', "too_long"),
    "07 text of a million lines": ('<a:a> <a:b> """' + "\n" * 1_000_000 + '""" .', "too_long"),
    "08 text of a million lines without an end": ('<a:a> <a:b> """' + "\n" * 1_000_000, "too_long"),
    "09 text that a comment seems to hide": (
        '@prefix a: <a:> . a:a a:b\\#c """' + "\n" * 1_000_000 + '""" .',
        "too_long",
    ),
    "10 text that an address seems to hide": ("<a:'''> <a:b> '''" + "\n" * 1_000_000 + "''' .", "too_long"),
    "11 long address": (f"<a:a> <a:b> <a:{'x' * 5000}> .", "too_long"),
    "12 long prefix, often used": (f"@prefix p: <a:{'x' * 10**6}> . " + "p:a p:b p:c . " * 10_000, "too_long"),
    "13 prefixes without number": ("".join(f"@prefix p{n}: <a:{n}> . " for n in range(20_000)), "too_many_prefixes"),
    "14 long language": ('<a:a> <a:b> "c"@' + "a" * 100_000 + " .", "too_long"),
    "15 a NUL": ("<a:a> <a:b> \x00 .", "not_rdf"),
    "16 rules of N3": ("{ ?a <a:b> ?c } => { ?c <a:b> ?a } .", "not_rdf"),
}


@pytest.mark.parametrize("case", TURTLE.values(), ids=TURTLE)
def test_hostile_turtle_is_refused(case: tuple[str, str], trap: str) -> None:
    assert code_of(case[0].replace("TRAP", trap).encode(), Syntax.TURTLE) == case[1]


DEEP = '{"a": ' * 500 + "1" + "}" * 500
JSON_LD: dict[str, tuple[Any, str]] = {
    "00 no JSON": ("{", "not_json"),
    "01 deep": (DEEP, "too_deep"),
    "02 deeper than the interpreter": ("[" * 200_000, "too_deep"),
    "03 remote context": ({"@context": "TRAP/c"}, "remote_context"),
    "04 remote context among others": ({"@context": [{"a": "a:a"}, ["TRAP/c"]]}, "remote_context"),
    "05 remote context in a node": ({"a:b": [{"@context": "TRAP/c"}]}, "remote_context"),
    "06 remote context of a term": ({"@context": {"t": {"@id": "a:t", "@context": "TRAP/c"}}}, "remote_context"),
    "07 context that imports": ({"@context": {"@import": "TRAP/c"}}, "remote_context"),
    "08 not a number": ('{"a:b": NaN}', "not_json"),
    "09 number without end": ('{"a:b": 1' + "0" * 10_000 + "}", "not_json"),
    "10 imports": (
        {"@id": "a:a", "http://www.w3.org/2002/07/owl#imports": {"@id": "TRAP/o"}},
        "imports_elsewhere",
    ),
    "11 imports in a named graph": (
        {"@id": "a:g", "@graph": [{"@id": "a:a", "http://www.w3.org/2002/07/owl#imports": {"@id": "TRAP/o"}}]},
        "imports_elsewhere",
    ),
    "12 prefixes of prefixes": (
        {"@context": {f"p{n}": f"p{n - 1}:p" if n else "a:a" for n in range(1500)}, "p1499:x": 1},
        "too_deep",
    ),
    "13 a prefix of itself": ({"@context": {"p": "q:p", "q": "p:q"}, "p:x": 1}, "too_deep"),
    "14 long prefix": ({"@context": {"p": "a:" + "x" * 10**6 + "/"}, "p:x": 1}, "too_many_prefixes"),
    "15 contexts in every node": (
        {"@context": {f"t{n}": {"@id": f"a:{n}", "@context": {"u": "a:u"}} for n in range(6000)}, "t1": [{}] * 6000},
        "too_tangled",
    ),
}


@pytest.mark.parametrize("case", JSON_LD.values(), ids=JSON_LD)
def test_hostile_json_ld_is_refused(case: tuple[Any, str], trap: str) -> None:
    text = case[0] if isinstance(case[0], str) else json.dumps(case[0])
    assert code_of(text.replace("TRAP", trap).encode(), Syntax.JSON_LD) == case[1]


@pytest.mark.parametrize("syntax", Syntax)
def test_a_file_of_100_megabytes_is_refused_unread(syntax: Syntax) -> None:
    assert code_of(b" " * (100 * 2**20), syntax) == "too_large"
    assert MAX_BYTES < 100 * 2**20


@pytest.mark.parametrize(
    "text", ["[] <a:b> [] . ", "<a:a> <a:b> (1 2 3) . ", "[ <a:b> 1 ] . "], ids=["nodes", "lists", "descriptions"]
)
def test_statements_without_number_end_the_reading(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf_files, "bounded_graph", lambda path: _graph_of(path, 1_000))
    assert code_of((text * 5_000).encode(), Syntax.TURTLE) == "too_many_statements"
    nodes = [{"a:b": {}}] * 2_000
    assert code_of(json.dumps(nodes).encode(), Syntax.JSON_LD) == "too_many_statements"


def _graph_of(path: str, most: int) -> Graph:
    return Graph(store=bounds.BoundedStore(path, most), bind_namespaces="none")


def test_what_many_records_share_is_paid_for_by_each(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = (
        "@prefix h: <http://healthdataportal.eu/ns/health#> . @prefix c: <http://www.w3.org/ns/csvw#> . "
        "_:g c:table _:t . " + "".join(f'_:t c:column [ c:name "c{n}" ] . ' for n in range(200))
    )
    each = "<a:dataset-{}> a <http://www.w3.org/ns/dcat#Dataset> ; h:hasVariables _:g . "
    text = shared + "".join(each.format(n) for n in range(200))
    monkeypatch.setattr(bounds.Budget.__init__, "__defaults__", (300_000,))
    with pytest.raises(PublicError) as refused:
        read(text.encode(), Syntax.TURTLE, "bad")
    assert refused.value.code == "catalogue.exchange.too_tangled"


def test_a_number_is_not_written_out_by_reading_it() -> None:
    kind = "^^<http://www.w3.org/2001/XMLSchema#decimal>"
    text = f'<a:a> <a:b> "1E999999999"{kind}, "-1e9"{kind}, "2.50"{kind} .'
    found = {str(v): v.ill_typed for v in parse(text.encode(), Syntax.TURTLE, "x").objects() if isinstance(v, Literal)}
    assert found == {"1E999999999": True, "-1e9": True, "2.50": False}


def test_a_named_graph_is_read_with_the_rest() -> None:
    document = {"@id": "a:g", "@graph": [{"@id": "a:a", "a:b": "c"}]}
    assert Literal("c") in set(parse(json.dumps(document).encode(), Syntax.JSON_LD, "x").objects())


def test_nothing_is_fetched_even_where_it_is_not_refused(trap: str, tmp_path: Any) -> None:
    description = f"""
        @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @base <{trap}/base/> .
        <{trap}/d> a dcat:Dataset ; dct:title "D" ; dct:conformsTo <{trap}/profile> ; rdfs:seeAlso <{trap}/more> ;
            rdfs:isDefinedBy <{trap}/ontology> ; dcat:distribution [ dcat:downloadURL <{trap}/file.ttl> ] ;
            <http://www.w3.org/ns/shacl#shapesGraph> <{trap}/shapes> .
    """
    assert len(read(description.encode(), Syntax.TURTLE, "x").datasets) == 1
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        f"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        <{trap}/shapes> owl:imports <{trap}/more-shapes> .
        <a:s> a sh:NodeShape ; sh:targetClass <http://www.w3.org/ns/dcat#Dataset> ;
            sh:property [ sh:path <a:missing> ; sh:minCount 1 ] ."""
    )
    assert len(validate(parse(description.encode(), Syntax.TURTLE, "x"), read_shapes([shapes]))) == 1
    assert Trap.seen == []


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_trap_would_have_seen_a_request(trap: str) -> None:
    # rdflib left to itself goes and asks.
    document = json.dumps({"@context": f"{trap}/control", "@id": "a:a", "title": "T"})
    assert len(Graph().parse(data=document, format="json-ld")) == 1
    assert Trap.seen == ["/control"]
    Trap.seen.clear()
