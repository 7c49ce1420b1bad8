"""Keys of French and international identifiers: what makes a number one of them."""

from __future__ import annotations

import ipaddress

import re2

NIR_BODY = re2.compile(r"^[12]\d{2}(?:0[1-9]|1[0-2]|20)(?:0[1-9]|[1-8]\d|9[0-9]|2[ABab])(\d{3})(\d{3})$")
"""Sex, year, month (20 where it is unknown), département, commune, order: the 13 characters before the key."""

LOCAL = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))

IBAN_LENGTHS = {
    "AD": 24,
    "AT": 20,
    "BE": 16,
    "CH": 21,
    "DE": 22,
    "DZ": 26,
    "ES": 24,
    "FR": 27,
    "GB": 22,
    "IE": 22,
    "IT": 27,
    "LU": 20,
    "MA": 28,
    "MC": 27,
    "NL": 18,
    "PL": 28,
    "PT": 25,
    "RO": 24,
    "SN": 28,
    "TN": 24,
}
"""Characters of an account number by country (SWIFT, IBAN registry)."""


def compact(text: str) -> str:
    """Return the letters and digits of a text, in capitals."""
    return "".join(c for c in text if c.isalnum()).upper()


def is_decimal(text: str) -> bool:
    """Tell whether digits with one point among them are a decimal number rather than parts of an identifier."""
    whole, point, fraction = text.partition(".")
    return bool(point) and whole.isdecimal() and fraction.isdecimal()


def has_valid_key(nir: str) -> bool:
    """Tell whether the last two digits of a 15-character NIR are its key.

    The key is 97 minus the rest of the division of the first 13 characters by 97, where Corsica's 2A counts as 19 and
    2B as 18 (Insee).
    """
    plain = compact(nir)
    digits = plain[:5] + plain[5:7].replace("2A", "19").replace("2B", "18") + plain[7:]
    return len(digits) == 15 and digits.isdecimal() and int(digits[13:]) == 97 - int(digits[:13]) % 97


def is_nir_body(text: str) -> bool:
    """Tell whether 13 characters are built as a NIR: commune and order are never 000."""
    match = NIR_BODY.match(compact(text))
    return match is not None and "000" not in match.groups()


def passes_luhn(number: str) -> bool:
    """Tell whether the last digit of a number is its Luhn key (ISO/IEC 7812-1); one random number in ten passes."""
    if not number.isdecimal():
        return False
    doubled = [int(c) * (2 if i % 2 else 1) for i, c in enumerate(reversed(number))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_rpps(number: str) -> bool:
    """Tell whether a number is built as an RPPS: eleven digits from 1 or 8, Luhn key (ANS)."""
    plain = compact(number)
    return len(plain) == 11 and plain[0] in "18" and len(set(plain)) > 2 and passes_luhn(plain)


def is_finess(number: str) -> bool:
    """Tell whether nine characters are built as a FINESS: département, seven digits, Luhn key.

    How Corsica's letters enter the key is not public: numbers with them are accepted by their form.
    """
    plain = compact(number)
    if len(plain) != 9:
        return False
    return passes_luhn(plain) if plain.isdecimal() else plain[:2] in ("2A", "2B") and plain[2:].isdecimal()


def is_iban(text: str) -> bool:
    """Tell whether a text is an account number: its country's length, and 1 modulo 97 (ISO 13616)."""
    plain = compact(text)
    if IBAN_LENGTHS.get(plain[:2]) != len(plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_ip(text: str) -> bool:
    """Tell whether a text is the address of one machine: not this one, not a mask, not everybody."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or text.startswith("255."))


def is_inside_network(text: str) -> bool:
    """Tell whether an address is one of those that every local network uses (RFC 1918, RFC 4193)."""
    return any(
        ipaddress.ip_address(text) in network for network in LOCAL if network.version == (6 if ":" in text else 4)
    )


def glued_nirs(run: str) -> list[tuple[int, int]]:
    """Return where NIR stand one behind the other without separators, as in arrays of fixed width: (start, end).

    Three in a row, or a run of exactly two: one window of 15 random digits in 300 looks like a NIR.
    """
    found: list[tuple[int, int]] = []
    at = 0
    needed = 2 if len(run) == 30 else 3
    while at + 15 * needed <= len(run):
        end = at
        while is_nir_body(run[end : end + 13]) and has_valid_key(run[end : end + 15]):
            end += 15
        if end - at >= 15 * needed:
            found.extend((start, start + 15) for start in range(at, end, 15))
            at = end
        else:
            at += 1
    return found
