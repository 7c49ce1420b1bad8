"""The first records of the catalogue, read from the file of facts that comes with the package."""

from __future__ import annotations

from importlib import resources

from .exchange import seed_yaml
from .model import Dataset
from .store import CatalogueStore

FILE = "french_health_databases.yaml"


def seed(store: CatalogueStore) -> bool:
    """Put the first records into an empty catalogue; return whether it was empty."""
    return store.put_if_empty(first_records())


def first_records() -> list[Dataset]:
    """Return the records of the facts file."""
    return list(seed_yaml.read((resources.files(__package__) / "data" / FILE).read_bytes(), FILE).datasets)
