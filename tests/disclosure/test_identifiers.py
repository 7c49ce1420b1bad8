"""Identifiers in texts and columns: what blocks, what is said, and what ordinary results must not raise."""

# ruff: noqa: E501 -- a file of the numbered tables stands on one line
from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.disclosure import Report, check
from hdh_jupyter.disclosure.identity.finding import identifiers
from hdh_jupyter.disclosure.identity.keys import compact, has_valid_key, is_iban, is_rpps, passes_luhn
from hdh_jupyter.disclosure.masking import masked, normalised

Judge = Callable[[str, str | bytes], Report]


def nir(draw: random.Random) -> str:
    body = (
        f"{draw.choice('12')}{draw.randrange(30, 99)}{draw.randrange(1, 13):02d}{draw.choice(['01', '2A', '2B', '75'])}"
    )
    body += f"{draw.randrange(1, 600):03d}{draw.randrange(1, 600):03d}"
    return f"{body}{97 - int(body.replace('2A', '19').replace('2B', '18')) % 97:02d}"


def with_luhn(body: str) -> str:
    return next(body + str(digit) for digit in range(10) if passes_luhn(body + str(digit)))


DRAW = random.Random(5)
NIRS = [nir(DRAW) for _ in range(60)]
RPPS = [with_luhn(f"10{DRAW.randrange(10**8):08d}") for _ in range(40)]
IBAN = "FR7630006000011234567890189"
STREETS = [f"{i} rue des Lilas, {75000 + i} Paris" for i in range(1, 30)]
NAMES = ["Marie Durand", "Paul MARTIN", "LEROY Sophie", "Ahmed Benali", "Jeanne Petit", "Luc Moreau", "Anne Roy"]


def column(title: str, values: list[str], beside: str = "valeur") -> str:
    return f"{title};{beside}\n" + "".join(f"{v};{(i * 37) % 90 + 10}\n" for i, v in enumerate(values))


BLOCKED = {
    "00 NIR with key": ("a.txt", f"assuré {NIRS[0]}.", "nir"),
    "01 NIR grouped by no-break spaces": ("a.md", "\u00a0".join((NIRS[1][0], NIRS[1][1:3], NIRS[1][3:5], NIRS[1][5:7], NIRS[1][7:10], NIRS[1][10:13], NIRS[1][13:])), "nir"),
    "02 NIR with hyphens": ("a.md", "-".join((NIRS[1][0], NIRS[1][1:3], NIRS[1][3:5], NIRS[1][5:7], NIRS[1][7:10], NIRS[1][10:13], NIRS[1][13:])), "nir"),
    "03 NIR glued to one another": ("a.txt", "classes " + "".join(NIRS), "nir"),
    "04 two NIR glued": ("a.txt", NIRS[0] + NIRS[1], "nir"),
    "05 NIR with masked order": ("a.md", "Patient 2 85 07 75 *** *** sorti", "nir"),
    "06 NIR without key, named": ("a.txt", f"NIR : {NIRS[2][:13]}", "nir"),
    "07 NIR with a wrong key, named": ("a.txt", f"n° de sécurité sociale {NIRS[2][:13]}00", "nir"),
    "08 column of 13 characters under any title": ("a.csv", column("code", [n[:13] for n in NIRS]), "nir"),
    "09 NIR as floats with exponents": ("a.csv", column("x", [f"{float(n):.14e}" for n in NIRS if n.isdigit()]), "nir"),
    "10 NIR cut into columns": ("a.csv", "s;a;m;d;c;o;k\n" + "".join(f"{n[0]};{n[1:3]};{n[3:5]};{n[5:7]};{n[7:10]};{n[10:13]};{n[13:]}\n" for n in NIRS), "nir"),
    "11 NIR and key in two columns": ("a.csv", "num;cle\n" + "".join(f"{n[:13]};{n[13:]}\n" for n in NIRS), "nir"),
    "12 NIR in the file's name": (f"export_{NIRS[0]}.csv", "region;n\nA;50\nB;60\n", "nir"),
    "13 INS in JSON": ("a.json", f'[{{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "{NIRS[3]}"}}]', "nir"),
    "14 RPPS by its name": ("a.txt", f"Prescripteur : RPPS {RPPS[0]}", "professional"),
    "15 RPPS by its OID": ("a.json", f'[{{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "8{RPPS[0]}"}}]', "professional"),
    "16 column of RPPS under any title": ("a.csv", column("x", RPPS), "professional"),
    "17 column of hashes of physicians": ("a.csv", column("medecin_hash", [f"{DRAW.getrandbits(64):016x}" for _ in range(30)]), "professional"),
    "18 encrypted PFS numbers with counts": ("a.csv", column("PFS_EXE_NUM", [f"{DRAW.getrandbits(32):08X}" for _ in range(30)], "nb_actes"), "professional"),
    "19 Adeli by its name": ("a.txt", "N° ADELI : 751234567", "professional"),
    "20 IPP by its name": ("a.txt", "IPP : 800123456 sorti ce jour", "hospital_number"),
    "21 column of files": ("a.csv", column("num_dossier", [str(DRAW.randrange(10**8, 10**9)) for _ in range(30)]), "hospital_number"),
    "22 French telephone": ("a.txt", "rappeler le 06 12 43 56 78", "phone"),
    "23 Belgian telephone by its context": ("a.txt", "tél. : +32 475 12 34 56", "phone"),
    "24 telephones that lost their zero": ("a.csv", column("telephone", [f"6{DRAW.randrange(10**8):08d}" for _ in range(30)]), "phone"),
    "25 e-mail": ("a.txt", "jean.dupont@gmail.com", "email"),
    "26 personal e-mail after the word contact": ("a.txt", "contact : jean.dupont@orange.fr", "email"),
    "27 many e-mails under the title contact": ("a.csv", column("contact", [f"p.nom{i}@chu-lille.fr" for i in range(12)]), "email"),
    "28 home address": ("a.md", "La patiente, domiciliée 12 bis avenue Foch, 69006 Lyon.", "address"),
    "29 column of addresses": ("a.csv", column("domicile", STREETS), "address"),
    "30 birth in a sentence": ("a.md", "Mme X, née le 3 mars 1950 à Lyon", "birth_date"),
    "31 column of births": ("a.csv", column("date_naissance", [f"19{i}-03-{i % 28 + 1:02d}" for i in range(50, 80)]), "birth_date"),
    "44 births under another title": ("a.csv", column("d", [f"{DRAW.randrange(1925, 2005)}-0{i % 9 + 1}-{i % 28 + 1:02d}" for i in range(80)]), "birth_date"),
    "32 name after a civil title, near care": ("a.md", "Mme Sophie Moreau a été hospitalisée.", "name"),
    "33 the physician who sent a patient": ("a.md", "Adressée par le Dr Gérard Nguyen.", "name"),
    "34 patient, colon, name": ("a.txt", "Patient : MARTIN Luc", "name"),
    "35 name and age": ("a.md", "Jean Dupont, 54 ans, va mieux.", "name"),
    "36 column of names under any title": ("a.csv", column("x", NAMES), "name"),
    "37 nom beside prenom": ("a.csv", "nom;prenom\nDURAND;Marie\nROY;Anne\nPETIT;Jo\n", "name"),
    "38 IP by its context": ("a.log", "login from 81.56.23.101 ok", "ip"),
    "39 column of IP": ("a.csv", column("ip", [f"81.56.{i}.9" for i in range(30)]), "ip"),
    "40 IBAN": ("a.txt", IBAN, "iban"),
    "41 IBAN in groups": ("a.txt", " ".join(IBAN[i : i + 4] for i in range(0, 27, 4)), "iban"),
    "42 points of homes": ("a.geojson", '{"type":"FeatureCollection","features":[' + ",".join(f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[2.{i}8123,48.{i}7654]}},"properties":{{"diag":"C91"}}}}' for i in range(10, 40)) + "]}", "coordinates"),
    "43 latitudes and longitudes": ("a.csv", "lat;lon;diag\n" + "".join(f"48.{DRAW.randrange(10**5):05d};2.{DRAW.randrange(10**5):05d};C91\n" for _ in range(40)), "coordinates"),
}  # fmt: skip


@pytest.mark.parametrize("case", BLOCKED)
def test_identifiers_block(case: str, judged: Judge) -> None:
    name, content, rule = BLOCKED[case]
    report = judged(name, content)
    assert f"identifiers.{rule}" in {f.rule for f in report.findings}, report.to_dict("en")
    assert report.verdict == "block"


PARQUET = {
    "00 NIR": ({"x": NIRS}, "nir"),
    "01 NIR as numbers": ({"x": [int(n) for n in NIRS if n.isdigit()]}, "nir"),
    "02 e-mail in one cell of many": ({"x": ["a"] * 500 + ["jean.dupont@free.fr"], "n": range(501)}, "email"),
    "03 telephone": ({"x": ["0612435678"], "n": [20]}, "phone"),
}


@pytest.mark.parametrize("case", PARQUET)
def test_identifiers_in_tables_that_are_no_text_block(case: str, tmp_path: Path) -> None:
    data, rule = PARQUET[case]
    path = tmp_path / "a.parquet"
    pd.DataFrame(data).to_parquet(path)
    report = check([path])
    assert f"identifiers.{rule}" in {f.rule for f in report.findings}, report.to_dict("en")


CLEAN = {
    "00 form of a NIR": ("a.md", "Le NIR s'écrit `1 00 00 00 000 000` puis sa clé."),
    "01 names of variables": ("a.csv", "variable;type\nBEN_NIR_PSA;texte\nBEN_NIR_ANO;texte\nPFS_EXE_NUM;texte\nBEN_RNG_GEM;num\n"),
    "02 nine-digit amounts": ("a.csv", column("montant", [str(DRAW.randrange(10**8, 10**9)) for _ in range(60)])),
    "03 CIP13": ("a.csv", column("CIP13", [with_luhn(f"34009{DRAW.randrange(10**7):07d}") for _ in range(60)], "boites")),
    "04 dates and times": ("a.csv", column("horodatage", [f"2022-03-{i:02d}T10:0{i % 10}:00" for i in range(1, 29)])),
    "05 versions": ("a.log", "pandas 2.2.3.1, R 4.3.2.10, hub 6.1.1.0, lab 4.6.6.1, numpy 1.26.4.2, x 1.2.3.4\n"),
    "06 DOI": ("a.md", "doi:10.1016/S0140-6736(20)30183-5, 10.1056/NEJMoa2001017"),
    "07 SIREN in a source note": ("a.md", "Source : HAS (SIREN 180092140), Cnam (SIREN 180035024)."),
    "08 role address": ("a.md", "Contact : opendata@health-data-hub.fr, presse@inserm.fr"),
    "09 author's professional address": ("a.md", "Auteur correspondant : marie.durand@inserm.fr"),
    "10 authors with civil titles": ("a.md", "Auteurs : Mme Anne Petit, M. Paul Durand. Remerciements : Dr Luc Moreau."),
    "11 professors of a committee": ("a.md", "Comité scientifique : Pr Marie Leroy (présidente), Dr Paul Roy."),
    "12 an institution's address": ("a.md", "Santé publique France, 12 rue du Val d'Osne, 94415 Saint-Maurice"),
    "13 establishments by FINESS": ("a.csv", "finess;nom;sejours\n750712184;HEGP;5120\n690781810;HCL;8211\n"),
    "14 places with their centre": ("a.csv", "departement;lat;lon;taux\n" + "".join(f"{i:02d};4{i % 8}.{i * 7919 % 10**5:05d};2.{i * 104729 % 10**5:05d};{i / 7:.1f}\n" for i in range(1, 60))),
    "15 centres of départements": ("a.geojson", '{"type":"FeatureCollection","features":[' + ",".join(f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[2.{i}8123,48.{i}7654]}},"properties":{{"nom":"D{i}","taux":{i}.5}}}}' for i in range(10, 40)) + "]}"),
    "16 births by day": ("a.csv", "date_naissance;nb_naissances\n" + "".join(f"2020-03-{i:02d};{1900 + i}\n" for i in range(1, 29))),
    "17 inclusion criterion": ("a.md", "Sont incluses les personnes nées le 01/01/1950 ou après ; né le 01/01/2010 ou avant : exclu."),
    "18 inhibitors of the proton pump": ("a.md", "IPP : 1284510 boîtes délivrées en 2021."),
    "19 a grid of places": ("a.csv", "lat;lon;pm25\n" + "".join(f"{48 + i / 1000:.4f};{2 + j / 1000:.4f};{(i * j) % 17 + 0.5}\n" for i in range(12) for j in range(12))),
    "30 a weekly series of decades": ("a.csv", column("semaine_du", [f"{d:%Y-%m-%d}" for d in pd.date_range("1975-01-06", "2020-12-31", freq="W")])),
    "31 a yearly series": ("a.csv", column("date", [f"{y}-01-01" for y in range(1950, 2021)])),
    "20 random numbers of 15 digits": ("a.csv", column("total", [str(DRAW.randrange(10**14, 10**15)) for _ in range(12)])),
    "21 drugs named like people": ("a.csv", column("molecule", ["Paracetamol", "Ibuprofene", "Amoxicilline", "Metformine", "Atorvastatine", "Ramipril"])),
    "22 towns named after saints": ("a.csv", column("ville", ["Saint Martin", "Sainte Marie", "Saint Denis", "Bourg la Reine", "Le Mans", "La Rochelle", "Fort de France"])),
    "23 specialties of prescribers": ("a.csv", column("PSP_SPE_COD", [f"{i:02d}" for i in range(1, 60)], "n")),
    "24 physicians of a département": ("a.csv", column("nb_medecins", [str(1000 + i) for i in range(30)])),
    "25 years and weeks": ("a.csv", column("semaine", [f"2021-W{i:02d}" for i in range(1, 52)])),
    "26 epoch in milliseconds": ("a.csv", column("t", [str(1_600_000_000_000 + 86_400_000 * i) for i in range(50)])),
    "27 a helpline": ("a.md", "Numéro vert : 0 800 130 000 ; standard : 01 41 79 67 00"),
    "28 a method named after people": ("a.md", "Test de M. Wilcoxon (auteur cité), score de Charlson, courbe de Kaplan-Meier."),
    "32 dates in a row": ("a.txt", "01 33\n2021-05-01 2021-05-19\n2021-05-01-2021-06-02\n"),
    "33 telephones of institutions": ("a.csv", "finess;raison_sociale;adresse;telephone\n" + "".join(f"7507{i:05d};Hopital {i};{i} rue de Paris;014{i:07d}\n" for i in range(10, 40))),
    "34 machines of a cluster": ("a.log", "".join(f"Listening on 127.0.0.1:88{i:02d} via 10.2.{i}.14\n" for i in range(40))),
    "35 references": ("a.md", "M. Durand et al., 2020 ; P. Roy, M. Petit (2019). Mme. de Sévigné."),
    "36 checksums of files": ("a.csv", "fichier;sha256\n" + "".join(f"t{i}.csv;{DRAW.getrandbits(256):064x}\n" for i in range(30))),
    "29 commands and options": ("a.md", "patient: statut d'inclusion ; nom : libellé de la variable ; name: Table 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", CLEAN)
def test_ordinary_results_raise_nothing(case: str, judged: Judge) -> None:
    name, content = CLEAN[case]
    report = judged(name, content)
    told = [f for f in report.findings if f.rule.startswith(("identifiers.", "rows.")) and f.severity != "info"]
    assert told == [], report.to_dict("en")


def test_a_name_that_nothing_explains_needs_a_person(judged: Judge) -> None:
    report = judged("a.md", "M. Paul Durand a donné son avis.")
    assert [(f.rule, f.severity) for f in report.findings] == [("identifiers.name_mention", "review")]


def test_fewer_than_twenty_numbers_with_a_luhn_key_say_nothing(judged: Judge) -> None:
    report = judged("a.csv", column("x", RPPS[:15]))
    assert not [f for f in report.findings if f.rule.startswith("identifiers.")]


@given(st.integers(10**13, 10**14 - 1))
def test_one_digit_of_a_rpps_cannot_change(number: int) -> None:
    valid = with_luhn(f"10{number % 10**8:08d}")
    assert is_rpps(valid)
    assert not any(is_rpps(valid[:-1] + str(d)) for d in range(10) if str(d) != valid[-1])


@given(st.integers(0, 10**23 - 1), st.integers(1, 96))
def test_an_account_needs_its_key(body: int, shift: int) -> None:
    digits = f"{body:023d}"
    key = 98 - int(f"{digits}152700") % 97
    assert is_iban(f"FR{key:02d}{digits}")
    assert not is_iban(f"FR{(key - 2 + shift) % 97 + 2:02d}{digits}")


TELLING = st.sampled_from(
    [
        *(
            (f"vu {value}", value)
            for value in (NIRS[0], NIRS[0][:7] + " " + NIRS[0][7:], RPPS[0], IBAN, "06 12 43 56 78")
        ),
        ("Mme Sophie Moreau, 54 ans, hospitalisée", "Sophie Moreau"),
        ("jean.dupont@free.fr", "jean.dupont@free.fr"),
        ("né le 03/02/1951", "03/02/1951"),
        ("demeurant 29 impasse des Lilas, 97400 Saint-Denis", "29 impasse des Lilas"),
        ("patiente NIR 285077512345612", "285077512345612"),
    ]
)


@given(TELLING, st.text(alphabet="abc éÀ,;:.-\u200b\n", max_size=30), st.text(alphabet="abc é,;:.\n", max_size=30))
def test_masking_shows_no_identifier_whole(telling: tuple[str, str], before: str, after: str) -> None:
    text, value = telling
    shown = masked(f"{before} {text} {after}", width=1000)
    assert compact(value) not in compact(shown)


@given(st.text(max_size=60))
def test_what_is_found_stands_where_it_is_said_to(text: str) -> None:
    plain = normalised(text + f" {NIRS[0]} né le 03/02/1951 " + text)
    for found in identifiers(plain):
        assert plain[found.start : found.end] == found.value


def test_every_identifier_found_is_masked_in_reports(judged: Judge) -> None:
    for name, content, _ in BLOCKED.values():
        stored = str(judged(name if "export_" not in name else "a.csv", content).to_stored())
        assert not [n for n in (*NIRS, *RPPS, IBAN, "jean.dupont", "Sophie Moreau", "81.56.23.101") if n in stored]
    assert has_valid_key(NIRS[0])
