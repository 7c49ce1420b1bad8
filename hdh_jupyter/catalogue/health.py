"""What HealthDCAT-AP asks of a description, beyond what any dataset says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HealthDescription:
    """The facts of HealthDCAT-AP that have no other place in a record; what is empty is not known.

    Attributes
    ----------
    categories, themes
        Codes in the European lists (`HRAD`, `EMERGENCY_SETTINGS`), or IRIs.
    publisher_type
        IRI in the European list of types of publishers.
    publisher_note
        What the steward's organisation is and does, in a sentence.
    trusted_holder
        Whether it is designated as a trusted health data holder (Regulation (EU) 2025/327, article 72).
    minimum_age, maximum_age
        Of the people described, in years.
    legal_bases
        On which the data are processed, each as a sentence.
    """

    categories: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    publisher_type: str | None = None
    publisher_note: str | None = None
    trusted_holder: bool | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    legal_bases: tuple[str, ...] = ()
