"""DDI codebooks as study catalogues export them, faulty ones, and hostile ones."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdh_jupyter.catalogue.convention import Convention
from hdh_jupyter.catalogue.exchange import ddi
from hdh_jupyter.catalogue.exchange.records import Records
from hdh_jupyter.catalogue.facts import Certainty, Source
from hdh_jupyter.errors import PublicError

STUDY = """
<stdyDscr>
 <citation>
  <titlStmt>
   <titl xml:lang="en">Cohort of births</titl>
   <titl xml:lang="fr">Cohorte  des
     naissances</titl>
   <altTitl xml:lang="fr">CODENA</altTitl>
   <IDNo agency="FR">FRESH-PEF 41.902</IDNo>
  </titlStmt>
  <rspStmt><AuthEnty>A. Martin</AuthEnty></rspStmt>
  <prodStmt><producer>Ined</producer><producer>Inserm</producer></prodStmt>
  <distStmt><contact email="not an address" URI="javascript:alert(1)"/></distStmt>
  <verStmt><version>v3</version></verStmt>
  <biblCit>Cohorte CODENA, Ined</biblCit>
  <holdings URI="https://studies.example.org/41902"/>
 </citation>
 <stdyInfo>
  <subject>
   <keyword xml:lang="fr">enfance</keyword><keyword xml:lang="en">childhood</keyword><topcClas>Santé</topcClas>
  </subject>
  <abstract>Suivi de naissances.

   Second paragraphe.</abstract>
  <abstract contentType="purpose">Connaître la croissance.</abstract>
  <sumDscr>
   <timePrd event="start" date="2011-04-01" cycle="1"/><timePrd event="end" date="2012" cycle="1"/>
   <timePrd event="start" date="2014" cycle="2"/><timePrd event="end" date="2015-06" cycle="2"/>
   <timePrd event="end" date="toujours"/>
   <collDate event="single" date="2010"/>
   <nation>France</nation><geogCover>Métropole</geogCover>
   <anlyUnit>enfant</anlyUnit><universe>18 000 naissances</universe><dataKind>cohorte</dataKind>
  </sumDscr>
 </stdyInfo>
 <method>
  <dataColl><frequenc>annuelle</frequenc><collMode>questionnaire</collMode></dataColl>
  <anlyInfo><respRate>51 %</respRate></anlyInfo>
 </method>
 <dataAccs>
  <setAvail><accsPlac URI="https://access.example.org">Centre d’accès</accsPlac></setAvail>
  <useStmt>
   <contact email="codena@example.org"/><restrctn>Sur avis du comité</restrctn><citReq>Citer la cohorte</citReq>
  </useStmt>
 </dataAccs>
</stdyDscr>
"""

DATA = """
<fileDscr ID="F1"><fileTxt><fileName>birth.csv</fileName><fileCont>Une ligne par enfant</fileCont></fileTxt></fileDscr>
<fileDscr ID="F2">
 <fileTxt><fileName>visits.csv</fileName><dimensns><caseQnty>41020</caseQnty></dimensns></fileTxt>
</fileDscr>
<dataDscr>
 <var name="ID" files="F1 F2"><labl>Identifiant</labl><varFormat type="character"/><location width="12"/></var>
 <var name="SEX" files="F1"><labl xml:lang="en">Sex</labl><labl xml:lang="fr">Sexe</labl>
  <qstn><qstnLit>L’enfant est…</qstnLit></qstn>
  <sumStat type="vald">17999</sumStat>
  <catgry><catValu>1</catValu><labl>Garçon</labl><catStat type="freq">9 001</catStat></catgry>
  <catgry><catValu>2</catValu><labl>Fille</labl><catStat type="freq">8 998</catStat></catgry>
  <catgry><catValu>2</catValu><labl>Fille (bis)</labl></catgry>
  <catgry><labl>Sans code</labl></catgry>
  <stdCatgry>ISO 5218</stdCatgry><varFormat type="numeric"/>
 </var>
 <var name="WEIGHT" files="F2" dcml="1" measUnit="g"><labl>Poids</labl><txt>À la visite</txt>
  <derivation><drvdesc>moyenne de deux pesées</drvdesc></derivation><notes>balance</notes>
  <concept vocabURI="https://concepts.example.org/weight">poids</concept><varFormat type="numeric"/></var>
 <var name="DAY" files="F2"><varFormat type="character" category="date"/></var>
 <var files="F2"><labl>Sans nom</labl></var>
 <var name="DAY" files="F2"/>
 <var name="LOST" files="F9"/>
</dataDscr>
"""


def book(inside: str, attributes: str = 'xmlns="ddi:codebook:2_5" ID="book"') -> str:
    return f"<codeBook {attributes}>{inside}</codeBook>"


def read(text: str) -> Records:
    return ddi.read(text.encode(), "x.xml")


def test_a_study_becomes_a_record_whose_facts_are_the_codebook_s() -> None:
    [found] = read(book(STUDY)).datasets
    assert (found.id, found.name) == ("fresh-pef-41-902", "CODENA")
    assert found.long_name is not None
    assert found.long_name.value == "Cohorte des naissances"
    assert found.steward.value == "Ined ; Inserm"
    assert (found.steward.certainty, found.steward.sources) == (Certainty.SECONDARY, ("import",))
    assert found.sources == (Source("import", "https://studies.example.org/41902"),)
    texts = {
        name: getattr(found, name).value
        for name in ("kind", "summary", "objective", "population", "geography", "frequency", "granularity", "citation")
    }
    assert texts == {
        "kind": "cohorte",
        "summary": "Suivi de naissances.\nSecond paragraphe.",
        "objective": "Connaître la croissance.",
        "population": "18 000 naissances",
        "geography": "France, Métropole",
        "frequency": "annuelle",
        "granularity": "enfant",
        "citation": "Cohorte CODENA, Ined",
    }
    assert found.themes == ("enfance", "Santé")
    assert found.contact is not None
    assert found.contact.value == "codena@example.org"
    assert [(d.title, d.access_url) for d in found.distributions] == [("Centre d’accès", "https://access.example.org")]
    assert [(r.kind, r.fact.value) for r in found.remarks] == [("quality", "51 %"), ("history", "v3")]


def test_what_binds_somebody_is_not_made_up() -> None:
    [found] = read(book(STUDY)).datasets
    assert found.convention == Convention()
    assert found.access.regime.to_confirm
    assert found.membership.to_confirm
    assert [condition.value for condition in found.access.conditions] == ["Sur avis du comité"]


def test_the_period_covered_comes_with_its_rounds() -> None:
    found = read(book(STUDY))
    [record] = found.datasets
    assert [(m.kind, m.fact.value) for m in record.coverage] == [
        ("start", "2011-04-01"),
        ("end", "2015-06"),
        ("waves", "2011-04-01 / 2012, 2014 / 2015-06"),
    ]
    assert (record.first_year, record.last_year) == (2011, 2015)
    assert [(p.code, p.where, p.params["value"]) for p in found.problems] == [
        ("ddi.not_a_date", "x.xml fresh-pef-41-902", "toujours")
    ]


def test_files_become_tables_and_faults_are_told_with_their_places() -> None:
    found = read(book(STUDY + DATA))
    [record] = found.datasets
    assert [(t.name, [v.name for v in t.variables]) for t in record.tables] == [
        ("birth.csv", ["ID", "SEX"]),
        ("visits.csv", ["ID", "WEIGHT", "DAY"]),
        ("F9", ["LOST"]),
    ]
    assert record.records is not None
    assert record.records.value == 41020
    by_name = {variable.name: variable for variable in record.variables}
    assert [by_name[name].type for name in ("ID", "SEX", "WEIGHT", "DAY", "LOST")] == [
        "string", "integer", "number", "date", "any",
    ]  # fmt: skip
    sex, weight = by_name["SEX"], by_name["WEIGHT"]
    assert (sex.label, sex.description, sex.nomenclature) == ("Sexe", "L’enfant est…", "ISO 5218")
    assert sex.code_lists[0].codes == (("1", "Garçon"), ("2", "Fille"))
    assert (weight.unit, weight.rule, weight.observation) == ("g", "moyenne de deux pesées", "balance")
    assert weight.concept == "https://concepts.example.org/weight"
    assert by_name["ID"].length == "12"
    told = [(problem.code, problem.where) for problem in found.problems if problem.code != "ddi.not_a_date"]
    assert told == [
        ("ddi.repeated_code", "x.xml SEX"),
        ("ddi.no_code", "x.xml SEX"),
        ("nameless_variable", "x.xml"),
        ("repeated_variable", "x.xml DAY"),
        ("ddi.unknown_file", "x.xml F9"),
    ]
    for problem in found.problems:
        assert problem.message("fr") != problem.message("en")


def test_counts_of_the_codebook_do_not_come_along() -> None:
    kept = str(read(book(STUDY + DATA)).datasets)
    assert [count for count in ("9 001", "8 998", "17999") if count in kept] == []


@pytest.mark.parametrize(
    "attributes",
    ['xmlns="http://www.icpsr.umich.edu/DDI" version="1.2.2"', 'version="2.1"', 'xmlns="ddi:codebook:2_6"'],
    ids=["00", "01", "02"],
)
def test_other_versions_have_the_same_elements(attributes: str) -> None:
    assert read(book(STUDY + DATA, attributes)).datasets == read(book(STUDY + DATA)).datasets


def test_a_harvest_holds_several_codebooks() -> None:
    other = book("<stdyDscr><citation><titlStmt><titl>Autre</titl></titlStmt></citation></stdyDscr>", 'ID="other-1"')
    empty = book("<stdyDscr/>", "")
    found = read(f"<records><record>{book(STUDY)}</record><record>{other}{empty}{book(STUDY)}</record></records>")
    assert [record.id for record in found.datasets] == ["fresh-pef-41-902", "other-1"]
    assert [problem.code for problem in found.problems if problem.code != "ddi.not_a_date"] == [
        "ddi.nameless_study",
        "entry.repeated",
    ]


def test_variables_of_the_only_file_need_not_name_it() -> None:
    data = '<dataDscr><var name="A"/></dataDscr><fileDscr><fileTxt><fileName>one.csv</fileName></fileTxt></fileDscr>'
    [record] = read(book(STUDY + data)).datasets
    assert [(t.name, [v.name for v in t.variables]) for t in record.tables] == [("one.csv", ["A"])]


def test_other_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + book(STUDY.replace("…", "").replace("’", "'"))
    assert ddi.read(text.encode("latin-1"), "x.xml").datasets[0].themes == ("enfance", "Santé")


ENTITIES = '<!DOCTYPE codeBook [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + book("&b;")
OUTSIDE = '<!DOCTYPE codeBook [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + book("&x;")

DTD = '<!DOCTYPE codeBook SYSTEM "http://127.0.0.1:1/x.dtd"><codeBook/>'

REFUSED = {
    "00 entities": (ENTITIES, "file.hostile_xml"),
    "01 an entity elsewhere": (OUTSIDE, "file.hostile_xml"),
    "02 a DTD elsewhere": (DTD, "file.hostile_xml"),
    "03 nesting": ("<a>" * 100_000, "too_deep"),
    "04 cut short": (book(STUDY)[:-30], "file.not_xml"),
    "05 an encoding that is none": ('<?xml version="1.0" encoding="nix"?><codeBook/>', "file.not_xml"),
    "06 other XML": ("<html/>", "file.not_ddi"),
    "07 no XML": ("codeBook", "file.not_xml"),
    "08 nothing": ("", "file.not_xml"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_hostile_or_another_thing_is_refused(text: str, code: str) -> None:
    with pytest.raises(PublicError) as caught:
        read(text)
    assert caught.value.code == f"catalogue.exchange.{code}"
    assert caught.value.message("fr") != caught.value.message("en")


def test_a_long_codebook_is_read_without_keeping_what_was_read() -> None:
    noise = "<sumStat>" + "x" * 4_000 + "</sumStat>"
    many = "".join(f'<var name="V{number}">{noise}</var>' for number in range(2_000))
    content = book(STUDY + f"<dataDscr>{many}</dataDscr>").encode()
    tracemalloc.start()
    try:
        [record] = ddi.read(content, "x.xml").datasets
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(record.variables) == 2_000
    assert peak < len(content) / 2


@given(st.integers(0, 3_000), st.integers(0, 40), st.binary(max_size=12) | st.sampled_from([b"<var>", b"&x;"]))
@settings(max_examples=150, deadline=None)
def test_damage_is_told_and_nothing_else_happens(place: int, cut: int, instead: bytes) -> None:
    content = book(STUDY + DATA).encode()
    with suppress(PublicError):
        found = ddi.read(content[:place] + instead + content[place + cut :], "x.xml")
        assert all(problem.message("en") for problem in found.problems)
