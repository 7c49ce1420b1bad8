import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.disclosure.identity.finding import identifiers
from hdh_jupyter.disclosure.identity.keys import has_valid_key
from hdh_jupyter.disclosure.masking import is_pseudonym, mask, masked, normalised


def key_of(body: str) -> str:
    digits = body[:5] + body[5:7].replace("2A", "19").replace("2B", "18") + body[7:]
    return f"{97 - int(digits) % 97:02d}"


bodies = st.builds(
    "{}{:02d}{:02d}{}{:03d}{:03d}".format,
    st.sampled_from("1278"),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from(["01", "13", "2A", "2B", "75", "97", "99"]),
    st.integers(1, 990),
    st.integers(1, 999),
)


def kinds(text: str, **options: bool) -> list[str]:
    return [found.kind for found in identifiers(normalised(text), **options)]


@pytest.mark.parametrize("nir", ["295109912611193", "253072B07300470", "253072A07300443"])
def test_published_numbers_have_a_valid_key(nir: str) -> None:
    assert has_valid_key(nir)


@given(bodies)
def test_every_number_with_its_key_is_found_in_whatever_grouping(body: str) -> None:
    nir = body + key_of(body)
    grouped = [body[0], body[1:3], body[3:5], body[5:7], body[7:10], body[10:], nir[13:]]
    for text in (
        nir,
        f"{body} {nir[13:]}",
        " ".join(grouped),
        "\u00a0".join(grouped),
        "\u202f".join(grouped),
        f"{nir}.0",
    ):
        assert kinds(f"patient {text} vu") == ["nir"]


@given(bodies, st.integers(1, 96))
def test_a_wrong_key_is_no_number(body: str, shift: int) -> None:
    wrong = (int(key_of(body)) + shift - 1) % 97 + 1
    assert not has_valid_key(f"{body}{wrong:02d}")


@given(bodies)
def test_invisible_and_wide_characters_hide_nothing(body: str) -> None:
    nir = body + key_of(body)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in nir)
    assert kinds("\u200b".join(nir)) == ["nir"]
    assert kinds(wide) == ["nir"]


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78",
        "0612345678",
        "01.23.45.67.89",
        "+33 6 12 34 56 78",
        "+33612345678",
        "0033 1 23 45 67 89",
        "+33 6.12.34.56.78",
        "06-12-34-56-78",
    ],
)
def test_french_telephone_numbers_are_found(text: str) -> None:
    assert kinds(f"tel: {text};") == ["phone"]


@pytest.mark.parametrize("text", ["jean.dupont@chu-rennes.fr", "a+b@x.example.org", "J_D@aphp.fr"])
def test_addresses_are_found(text: str) -> None:
    assert kinds(f"<{text}>") == ["email"]


@pytest.mark.parametrize(
    "text",
    [
        "montant 123456789,12 euros",
        "3400930000120",
        "2021-05-14T08:00:00",
        "0.286087518321614",
        "-1.860875183216140",
        "01 02 03 04 05",
        "01 02 04 07 13 21 33",
        "0,0612345678",
        "1620054896123456789",
        "n = 128451, AIC = 30471.44",
        "ab0612345678cd",
        "BEN_NIR_PSA",
        "df.head() @ matrice",
    ],
)
def test_ordinary_numbers_and_words_are_not(text: str) -> None:
    assert kinds(text) == []


def test_a_comma_between_columns_is_not_a_decimal_comma() -> None:
    assert kinds("5,295109912611193", decimal_comma=False) == ["nir"]
    assert kinds("0,295109912611193", decimal_comma=True) == []


def test_matrix_products_in_a_program_are_no_addresses() -> None:
    assert kinds("X@beta.values[0]\nmodel@fit.par(x)", code=True) == []


@pytest.mark.parametrize("value", ["a3f5" * 8, "ZVOLVK81AWX7SX8BL", "0b0e1c52-6d5b-4a9e-9c1d-3f2a6d1b7e10"])
def test_drawn_strings_are_pseudonyms(value: str) -> None:
    assert is_pseudonym(value)


@pytest.mark.parametrize(
    "value", ["3400930000120", "BEN_NIR_PSA", "Auvergne-Rhône-Alpes", "2021-05-14", "J44.1", "INTERNATIONAL"]
)
def test_codes_and_words_are_not_pseudonyms(value: str) -> None:
    assert not is_pseudonym(value)


@given(bodies)
def test_titles_never_hold_an_identifier_whole(body: str) -> None:
    nir = body + key_of(body)
    for title in (nir, f"patient {nir}", f"{body[:7]} {body[7:]} {nir[13:]}"):
        shown = masked(title)
        assert nir not in shown.replace(" ", "")
        assert nir[3:13] not in shown.replace(" ", "")
    assert mask(nir) == nir[0] + "•" * 14
