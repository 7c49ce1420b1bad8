"""The names of the formats, apart from what reads them: a command line needs no library to know them."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """A form of description."""

    TURTLE = "turtle"
    JSON_LD = "jsonld"
    CSVW = "csvw"
    YAML = "yaml"
    TABLE_SCHEMA = "tableschema"
    CSV = "csv"
    DDI = "ddi"


READ = (Format.TURTLE, Format.JSON_LD, Format.YAML, Format.DDI, Format.TABLE_SCHEMA, Format.CSV)
WRITTEN = (Format.TURTLE, Format.JSON_LD, Format.CSVW, Format.YAML)
