"""Names, titles and the lead's case."""

from __future__ import annotations

import pytest

from hdh_jupyter.egress import forms
from hdh_jupyter.errors import PublicError

BAD_NAMES = [
    "", ".", "..", "/etc/passwd", "../other/secret.csv", "a/../b.csv", "a//b.csv", "a/./b.csv", "a/", "a\\b.csv",
    "C:evil.csv", "a\nb.csv", "a\0.csv", "a\x7f.csv", "gpj.\u202evsc", "zero\u200bwidth.csv", " a.csv", "a.csv ",
    "a.csv.", "a/ b.csv", "x" * 201, "what?.csv", "star*.csv", 'quote".csv', "pipe|.csv", "less<.csv",
    "\ud800.csv", "line\u2028.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_bad_names_are_refused(name):
    with pytest.raises(PublicError) as refused:
        forms.clean_name(name, [])
    assert refused.value.code == "egress.bad_name"
    assert all(c == " " or c.isprintable() for c in refused.value.message("fr"))


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.csv", "a.csv"),
        ("A.csv", "a.csv"),
        ("e\u0301.csv", "\u00e9.csv"),
        ("\uff41.csv", "a.csv"),
        ("a/b.csv", "a"),
        ("a", "A/b.csv"),
    ],
)
def test_names_that_can_be_confused_are_refused(name, taken):
    with pytest.raises(PublicError) as refused:
        forms.clean_name(name, [forms.clean_name(taken, [])])
    assert refused.value.code == "egress.duplicate_name"


@pytest.mark.parametrize("name", ["a.csv", "résultats/semaine 12/âge.csv", "a/b/c/d.ipynb", ".hidden", "x" * 200])
def test_good_names_are_kept(name):
    assert forms.clean_name(name, ["other.csv", "ab"]) == name


def test_every_missing_field_is_told():
    with pytest.raises(forms.FormError) as refused:
        forms.require_case({"purpose": "", "recipient": "ab", "justification": "court"})
    told = refused.value.by_field("fr")
    assert set(told) == {"purpose", "recipient", "justification"}
    assert "finalité" in told["purpose"]
    assert "2 caractères" in told["recipient"]
    assert all(sentence in refused.value.message("fr") for sentence in told.values())
    assert set(refused.value.by_field("en")) == set(told)


@pytest.mark.parametrize("text", ["\u202eabc", "bell\x07", "\u2066x"])
def test_invisible_characters_are_refused(text):
    with pytest.raises(forms.FormError):
        forms.clean_case("purpose", text)
    with pytest.raises(forms.FormError):
        forms.clean_title(text)
    with pytest.raises(forms.FormError):
        forms.clean_comment(text, required=False)


def test_lines_and_accents_stay():
    assert forms.clean_case("purpose", "  Première ligne,\r\nseconde.  ") == "Première ligne,\nseconde."
    assert forms.clean_title(" Une\nseule  ligne ") == "Une seule ligne"


def test_too_long_is_refused():
    for call in (
        lambda: forms.clean_case("recipient", "x" * 301),
        lambda: forms.clean_title("x" * 201),
        lambda: forms.clean_comment("x" * 10_001, required=True),
    ):
        with pytest.raises(forms.FormError):
            call()


def test_comment_is_required_where_it_is():
    with pytest.raises(forms.FormError):
        forms.clean_comment("  \n ", required=True)
    assert forms.clean_comment(" ", required=False) == ""
