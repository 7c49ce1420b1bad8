"""How fast a text is looked through for identifiers, and how many planted ones are found, beside presidio-analyzer.

Both read the same text on one core: lines of a log and of a report with ordinary numbers, and in one line of fifty an
identifier. presidio-analyzer comes with the extra `bench`; it has no French recognizers, so that it is given patterns
for the NIR, the telephone and the RPPS, and spaCy's empty French model. No call may reach a network.
"""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import report

CLEAN_SIZE, PLANTED_SIZE, PRESIDIO_SIZE = 40_000_000, 10_000_000, 400_000
"""Characters of the texts."""
LINES = (
    "2024-03-{d:02d} 10:{m:02d}:07 INFO lot {n} : {n} lignes lues, perte {x:.4f}, mémoire {m} Mio",
    "Le taux standardisé est de {x:.2f} pour 10 000 passages (IC 95 % {x:.1f}-{n}), soit {n} séjours en 2022.",
    "{d:02d};0-17;F;{n};{m};{x:.3f}",
    "Coût total : {n}00 {m:03d} euros ; CIP13 34009{n:08d} ; version {d}.{m}.2 ; p < 0,00{d}",
)


def planted(draw: random.Random) -> tuple[str, str]:
    """Return the kind of an identifier and a line that holds one."""
    from hdh_jupyter.disclosure.identity.keys import passes_luhn

    body = f"{draw.choice('12')}{draw.randrange(30, 99)}{draw.randrange(1, 13):02d}75{draw.randrange(1, 600):03d}"
    body += f"{draw.randrange(1, 600):03d}"
    rpps = f"10{draw.randrange(10**8):08d}"
    rpps += next(str(digit) for digit in range(10) if passes_luhn(rpps + str(digit)))
    return draw.choice(
        [
            ("nir", f"dossier de l'assuré {body}{97 - int(body) % 97:02d} à revoir"),
            ("phone", f"rappeler le 06 {' '.join(f'{draw.randrange(100):02d}' for _ in range(4))} demain"),
            ("email", f"réponse de p.nom{draw.randrange(999)}@orange.fr reçue"),
            ("professional", f"prescrit par le RPPS {rpps} ce jour"),
            ("iban", "virement sur FR7630006000011234567890189 reçu"),
            ("ip", f"connexion depuis 82.64.{draw.randrange(1, 255)}.{draw.randrange(1, 255)} acceptée"),
        ]
    )


def text(size: int, every: int | None) -> tuple[str, dict[str, int]]:
    """Return a text of about `size` characters, and how many identifiers of each kind are planted in it."""
    draw = random.Random(3)  # noqa: S311 -- the same text every time
    lines: list[str] = []
    kinds: dict[str, int] = {}
    length = 0
    while length < size:
        if every is not None and len(lines) % every == every - 1:
            kind, line = planted(draw)
            kinds[kind] = kinds.get(kind, 0) + 1
        else:
            line = draw.choice(LINES).format(
                d=draw.randrange(1, 29), m=draw.randrange(10, 60), n=draw.randrange(100, 90_000), x=draw.random() * 50
            )
        lines.append(line)
        length += len(line) + 1
    return "\n".join(lines), kinds


def ours(content: str) -> dict[str, int]:
    """Return how many of each kind this project finds."""
    from hdh_jupyter.disclosure.identity.finding import identifiers
    from hdh_jupyter.disclosure.masking import normalised

    found: dict[str, int] = {}
    for one in identifiers(normalised(content)):
        found[one.kind] = found.get(one.kind, 0) + 1
    return found


def presidio() -> Callable[[str], dict[str, int]]:
    """Return the same done by presidio-analyzer, built before it is measured."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import IbanRecognizer, IpRecognizer, PhoneRecognizer

    engine: Any = SpacyNlpEngine(models=[{"lang_code": "fr", "model_name": "blank"}])
    engine.nlp = {"fr": spacy.blank("fr")}
    engine.nlp["fr"].max_length = 10**9
    registry: Any = RecognizerRegistry(supported_languages=["fr"])
    for kind, pattern in (
        ("nir", r"\b[12]\d{2}(?:0[1-9]|1[0-2])\d{10}\b"),
        ("professional", r"\b1\d{10}\b"),
        ("email", r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"),
    ):
        registry.add_recognizer(
            PatternRecognizer(kind, patterns=[Pattern(kind, pattern, 0.8)], supported_language="fr")
        )
    registry.add_recognizer(PhoneRecognizer(supported_regions=("FR",), supported_language="fr"))
    registry.add_recognizer(IbanRecognizer(supported_language="fr"))
    registry.add_recognizer(IpRecognizer(supported_language="fr"))
    analyzer: Any = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["fr"])
    names = {"PHONE_NUMBER": "phone", "IBAN_CODE": "iban", "IP_ADDRESS": "ip"}

    def find(content: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in analyzer.analyze(content, language="fr", score_threshold=0.4):
            kind = names.get(one.entity_type, one.entity_type)
            found[kind] = found.get(kind, 0) + 1
        return found

    return find


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse every connection, so that nothing is measured that fetches."""
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise PermissionError(f"{event}: {arguments[:2]}")


def measured(find: Callable[[str], dict[str, int]], content: str, planted_in: dict[str, int]) -> list[str]:
    """Return the speed, and how many planted identifiers are found and how many things that are none."""
    begun = time.process_time()
    found = find(content)
    taken = time.process_time() - begun
    right = sum(min(found.get(kind, 0), number) for kind, number in planted_in.items())
    wrong = sum(found.values()) - right
    return [f"{len(content.encode()) / 1e6 / taken:.2f} MB/s", f"{right} of {sum(planted_in.values())}", str(wrong)]


def run() -> None:
    """Print the figures of this part."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.addaudithook(refuse_network)
    report.title("identifiers: one core, processor time; an identifier in one line of fifty where they are planted")
    ours("warm")
    clean = text(CLEAN_SIZE, None)
    many = text(PLANTED_SIZE, 50)
    few = text(PRESIDIO_SIZE, 50)
    rows = [
        (f"this project, {CLEAN_SIZE / 1e6:g} M characters without", *measured(ours, *clean)),
        (f"this project, {PLANTED_SIZE / 1e6:g} M with", *measured(ours, *many)),
        (f"this project, {PRESIDIO_SIZE / 1e6:g} M with", *measured(ours, *few)),
    ]
    if importlib.util.find_spec("presidio_analyzer") is None:
        print("  presidio-analyzer is not installed: pip install hdh-jupyter[bench]")
    else:
        rows.append((f"presidio-analyzer, {PRESIDIO_SIZE / 1e6:g} M with", *measured(presidio(), *few)))
    report.table(("", "speed", "planted found", "others found"), rows)
