"""Parquet and Arrow (Feather) files written anew from their columns: no metadata, no dictionary, nothing between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc
from pyarrow import parquet as pq

from ..policy import Policy
from ..readers import columnar


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean file."""
    with columnar.readable():
        source, batches = columnar.opened(path, kind)
        schema = pa.schema([pa.field(field.name, _plain(field.type), field.nullable) for field in source])
        with out.open("wb") as stream:
            if kind == "parquet":
                writer: Any = pq.ParquetWriter(stream, schema, store_schema=False)
            else:
                writer = ipc.new_file(stream, schema, options=ipc.IpcWriteOptions(compression="lz4"))
            with writer:
                for batch in batches(None):
                    columns = [pc.cast(c, kind) for c, kind in zip(batch.columns, schema.types, strict=True)]
                    writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    return 0


def _plain(kind: Any) -> Any:
    """Return a type without dictionary or extension, which could carry what no row has."""
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in kind])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    return kind
