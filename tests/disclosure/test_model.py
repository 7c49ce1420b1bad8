import json
import string

import pytest

from hdh_jupyter.disclosure import FileReport, Finding, Place, Report, Severity, Verdict, default_policy
from hdh_jupyter.i18n import sentences


def a_report() -> Report:
    where = Place(cell=3, output=1, row=14, column="passages")
    params = {"value": 4, "threshold": 11, "largest": 10}
    finding = Finding("counts.small_cell", Severity.BLOCK, "a.csv", where, "small_cell", params)
    file = FileReport("a.csv", 12, "0" * 64, "csv", Verdict.BLOCK, False)
    return Report(default_policy().reference, (file,), (finding,))


def test_the_stored_form_reads_back_the_same() -> None:
    stored = json.loads(json.dumps(a_report().to_stored()))
    assert Report.from_stored(stored) == a_report()
    assert Report.from_dict(stored) == a_report()


def test_a_finding_is_told_in_either_language() -> None:
    (french,) = a_report().to_dict("fr")["findings"]
    (english,) = a_report().to_dict("en")["findings"]
    assert french["where"] == "Cellule 3, sortie 1, ligne 14, colonne « passages »"
    assert french["message"] == "Effectif de 4, inférieur à 11."
    assert english["where"] == 'Cell 3, output 1, row 14, column "passages"'
    assert set(french) == {"rule", "severity", "file", "where", "message", "why", "remedy"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "pass"),
        (("verdict",), "fine"),
        (("findings", 0, "key"), "no_such_sentence"),
        (("findings", 0, "severity"), "info"),
        (("findings", 0, "params"), {}),
        (("findings", 0, "where"), {"planet": 3}),
        (("findings",), []),
        (("files", 0, "verdict"), "pass"),
        (("files",), None),
        (("policy",), {}),
    ],
)
def test_a_stored_form_that_contradicts_itself_is_refused(path: tuple[str | int, ...], value: object) -> None:
    stored = json.loads(json.dumps(a_report().to_stored()))
    node = stored
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    with pytest.raises(ValueError, match=r"report|verdict"):
        Report.from_stored(stored)


def test_a_check_of_nothing_blocks() -> None:
    assert Report(default_policy().reference, (), ()).verdict is Verdict.BLOCK


def test_both_languages_say_the_same_things() -> None:
    def fields(language: str) -> dict[str, set[str | None]]:
        found = {k: v for k, v in sentences(language).items() if k.startswith("disclosure.")}
        return {k: {name for _, name, _, _ in string.Formatter().parse(v) if name} for k, v in found.items()}

    assert fields("fr") == fields("en")
    keys = {key.rpartition(".")[0] for key in fields("fr") if key.startswith("disclosure.finding.")}
    for key in keys:
        assert {f"{key}.{part}" for part in ("message", "why", "remedy")} <= fields("fr").keys()
