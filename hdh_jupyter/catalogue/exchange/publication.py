"""In whose name records are published, and under what addresses."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from hdh_jupyter.errors import PublicError

from .hostile import is_safe_iri


@dataclass(frozen=True)
class Publication:
    """What a description says of the platform, the same for every dataset.

    Attributes
    ----------
    base
        IRI under which records have their own; ends with a slash.
    platform, email, homepage
        Who gives access to health data (the health data access body), and how to reach it. Also the contact of
        datasets that name none.
    country
        Code of the country in the European list.

    Raises
    ------
    PublicError
        `catalogue.exchange.bad_publication`.
    """

    base: str = "https://hdh.example/catalogue/"
    platform: str = "Plateforme des données de santé (Health Data Hub)"
    email: str = "hdh@health-data-hub.fr"
    homepage: str = "https://www.health-data-hub.fr"
    country: str = "FRA"

    def __post_init__(self) -> None:
        right = {
            "base": is_safe_iri(self.base) and self.base.endswith("/"),
            "platform": bool(self.platform.strip()),
            "email": is_safe_iri(f"mailto:{self.email}") and "@" in self.email,
            "homepage": is_safe_iri(self.homepage),
            "country": self.country.isalpha() and self.country.isupper(),
        }
        for name, is_right in right.items():
            if not is_right:
                raise PublicError("catalogue.exchange.bad_publication", name=name)

    def page(self, dataset: str) -> str:
        """Return the IRI of a dataset, which is that of its page too."""
        return self.base + quote(dataset, safe="")
