"""Persons who do not exist, with the numbers that French registers would give them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .cases import Draw
from .words import DEPARTEMENTS
from .writers import Sheet, Value


def nir_key(number: str) -> str:
    """Return the two figures that follow the thirteen of a NIR: 97 less the remainder; 2A is 19 and 2B is 18."""
    plain = number.replace("2A", "19").replace("2B", "18")
    return f"{97 - int(plain) % 97:02d}"


def luhn(number: str) -> str:
    """Return the check digit that makes a number valid by Luhn's formula."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


@dataclass(frozen=True)
class Person:
    """A beneficiary."""

    first: str
    last: str
    birth: date
    sex: int
    departement: str
    nir: str
    phone: str
    street: str
    code: str
    disease: str

    @property
    def email(self) -> str:
        """An address at a made-up hospital."""
        plain = self.last.lower().replace(" ", "").replace("è", "e").replace("é", "e")
        return f"{self.first[0].lower()}.{plain}@chu-imaginaire.fr"

    @property
    def address(self) -> str:
        """A postal address."""
        return f"{self.street}, {self.code} {self.departement}"


def person(draw: Draw) -> Person:
    """Invent a person."""
    random, words = draw.random, draw.words
    birth = date(1930, 1, 1) + timedelta(days=random.randrange(28000))
    sex = random.randint(1, 2)
    code, name = random.choice(DEPARTEMENTS)
    place = f"{code}{random.randint(1, 300):03d}" if len(code) == 2 else f"{code}{random.randint(1, 30):02d}"
    number = f"{sex}{birth:%y%m}{place}{random.randint(1, 400):03d}"
    mobile = f"06{random.randint(10**7, 10**8 - 1)}"
    street = f"{random.randint(1, 120)} {random.choice(words.streets)}"
    zip_code = (code.replace("2A", "20").replace("2B", "20") + "000")[:5]
    return Person(
        random.choice(words.first_names), random.choice(words.last_names), birth, sex, name, number + nir_key(number),
        mobile, street, zip_code, random.choice(words.diseases)[0],
    )  # fmt: skip


def people(draw: Draw, number: int) -> list[Person]:
    """Invent persons."""
    return [person(draw) for _ in range(number)]


def rpps(draw: Draw) -> str:
    """Return a number of the register of professionals: eleven figures, the first 1 and the last by Luhn."""
    stem = f"1{draw.random.randint(0, 10**9 - 1):09d}"
    return stem + luhn(stem)


def finess(draw: Draw, departement: str = "75") -> str:
    """Return a number of the register of establishments: département, six figures and Luhn's."""
    stem = f"{departement}{draw.random.randint(0, 10**6 - 1):06d}"
    return stem + luhn(stem)


def iban(draw: Draw) -> str:
    """Return a French account number with its key."""
    account = "".join(str(draw.random.randint(0, 9)) for _ in range(23))
    key = 98 - int(account + "152700") % 97
    return f"FR{key:02d}{account}"


def rows_of(draw: Draw, number: int, *, pseudonym: bool = True) -> Sheet:
    """Draw an extract with one line for each patient, as it lies in a cohort's table."""
    titles = ["sexe", "date_naissance", "commune", "date_entree", "diag_principal", "duree_sejour", "hba1c", "deces"]
    rows: list[list[Value]] = []
    for one in people(draw, number):
        entry = date(2021, 1, 1) + timedelta(days=draw.random.randrange(900))
        rows.append([str(one.sex), one.birth.isoformat(), one.code, entry.isoformat(), one.disease,
                     draw.random.randint(1, 21), draw.between(4.8, 11), draw.random.randint(0, 1)])  # fmt: skip
    if pseudonym:
        titles.insert(0, "id_patient")
        rows = [[f"{draw.random.getrandbits(64):016x}", *row] for row in rows]
    return Sheet(titles, rows)
