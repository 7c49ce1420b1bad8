"""Every sentence exists in both languages and names the same values."""

import string

import pytest

from hdh_jupyter.i18n import LANGUAGES, preferred_language, sentences, translate


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys() -> None:
    french, english = (set(sentences(language)) for language in LANGUAGES)
    assert french ^ english == set()


@pytest.mark.parametrize("key", sorted(sentences("fr")))
def test_both_languages_name_the_same_values(key: str) -> None:
    assert fields(sentences("fr")[key]) == fields(sentences("en")[key])


def test_an_unknown_language_falls_back_to_french() -> None:
    assert translate("run.stopped", "de") == translate("run.stopped", "fr")


def test_an_unknown_key_is_a_mistake_that_shows() -> None:
    with pytest.raises(KeyError):
        translate("run.no_such_sentence")


@pytest.mark.parametrize(
    ("header", "chosen", "expected"),
    [
        ("", None, "fr"),
        ("en-GB,en;q=0.9", None, "en"),
        ("de;q=0.9,en;q=0.5,fr;q=0.8", None, "fr"),
        ("de", None, "fr"),
        ("en", "fr", "fr"),
        ("fr", "en", "en"),
        ("fr", "xx", "fr"),
        ("en;q=oops, fr", None, "fr"),
    ],
)
def test_the_language_is_the_chosen_one_then_the_browser_s(header: str, chosen: str | None, expected: str) -> None:
    assert preferred_language(header, chosen) == expected
