"""ONNX, read by the wire format of protocol buffers: operators, names, and the sizes of tensors.

A few fields of five messages are enough (onnx.proto3); the `onnx` package would bring a compiler of shapes and much
code that no check needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..documents import Unreadable
from .models_arrays import Stored, add
from .models_contents import Contents

MAX_FIELDS = 2_000_000
MAX_DEPTH = 12
MODEL_GRAPH, MODEL_FUNCTIONS, MODEL_METADATA = 7, 25, 14
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE = 1, 5, 15
NODE_OPERATOR, NODE_ATTRIBUTE, NODE_DOMAIN = 4, 5, 7
ATTRIBUTE_NAME, ATTRIBUTE_STRING, ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH = 1, 4, 5, 6
ATTRIBUTE_FLOATS, ATTRIBUTE_INTS, ATTRIBUTE_STRINGS, ATTRIBUTE_GRAPHS = 7, 8, 9, 11
TENSOR_DIMS, TENSOR_TYPE, TENSOR_STRING, TENSOR_NAME, TENSOR_RAW, TENSOR_EXTERNAL = 1, 2, 6, 8, 9, 13
TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}
"""Types of tensors that numpy has, by their number in the format."""
DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft"})
NEIGHBOURS = frozenset({"CDist", "TopK"})
"""Operators that compare with what is kept: with a table of rows beside them, nearest neighbours or kernels."""


def read(path: Path, found: Contents) -> set[str]:
    """Note what a model computes and keeps, and return operators of libraries of its own.

    Raises
    ------
    Unreadable
        It is no model, or keeps its numbers in another file.
    """
    reader = _Reader(found)
    graphs = 0
    for field, value in reader.fields(path.read_bytes()):
        if field == MODEL_GRAPH:
            graphs += 1
            reader.graph(value)
        elif isinstance(value, bytes):
            reader.text(value)
    if not graphs or not found.families:
        raise Unreadable("model_damaged")
    add(found, reader.tensors)
    if NEIGHBOURS & {name.removeprefix("onnx.") for name in found.families}:
        found.held.update(found.untitled)
    return reader.unknown


class _Reader:
    """Walks through the messages within a model."""

    def __init__(self, found: Contents) -> None:
        self.found = found
        self.tensors: list[Stored] = []
        self.unknown: set[str] = set()
        self.count = 0

    def fields(self, data: Any) -> Iterator[tuple[int, Any]]:
        """Give the fields of a message: integers, and bytes of what has a length."""
        if not isinstance(data, bytes):
            raise Unreadable("model_damaged")
        position, end = 0, len(data)
        while position < end:
            self.count += 1
            if self.count > MAX_FIELDS:
                raise Unreadable("model_intricate", limit=MAX_FIELDS)
            tag, position = _varint(data, position)
            kind = tag & 7
            if kind == 0:
                value, position = _varint(data, position)
                yield tag >> 3, value
                continue
            if kind == 2:
                length, position = _varint(data, position)
            elif kind in (1, 5):
                length = 8 if kind == 1 else 4
            else:
                raise Unreadable("model_damaged")
            if position + length > end:
                raise Unreadable("model_damaged")
            yield tag >> 3, data[position : position + length]
            position += length

    def text(self, value: Any) -> str:
        """Keep bytes as a text in which identifiers are looked for."""
        words = value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
        if words:
            self.found.texts.append(words)
        return words

    def graph(self, data: Any, depth: int = 0) -> None:
        """Look at a graph, and at those within its operators."""
        if depth > MAX_DEPTH:
            raise Unreadable("model_intricate", limit=MAX_DEPTH)
        for field, value in self.fields(data):
            if field == GRAPH_NODE:
                self.node(value, depth)
            elif field == GRAPH_INITIALIZER:
                self.tensor(value, "")
            elif field == GRAPH_SPARSE:
                self.found.opaque += len(value)
            else:
                self.text(value)

    def node(self, data: Any, depth: int) -> None:
        """Look at an operator."""
        operator = domain = ""
        for field, value in self.fields(data):
            if field == NODE_ATTRIBUTE:
                self.attribute(value, depth)
            else:
                words = self.text(value)
                operator = words if field == NODE_OPERATOR else operator
                domain = words if field == NODE_DOMAIN else domain
        self.found.families.setdefault(f"onnx.{operator}")
        if domain not in DOMAINS:
            self.unknown.add(f"{domain}.{operator}")

    def attribute(self, data: Any, depth: int) -> None:
        """Look at a setting of an operator; support vectors are one."""
        name, numbers = "", 0
        for field, value in self.fields(data):
            if field == ATTRIBUTE_NAME:
                name = self.text(value)
            elif field in (ATTRIBUTE_STRING, ATTRIBUTE_STRINGS):
                self.text(value)
            elif field == ATTRIBUTE_TENSOR:
                self.tensor(value, name)
            elif field in (ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS):
                self.graph(value, depth + 1)
            elif field in (ATTRIBUTE_FLOATS, ATTRIBUTE_INTS):
                numbers += len(value) // 4 if isinstance(value, bytes) else 1
        if numbers:
            self.found.numbers[name] = self.found.numbers.get(name, 0) + numbers
        if name == "support_vectors" and numbers:
            self.found.held[name] = numbers

    def tensor(self, data: Any, name: str) -> None:
        """Look at a tensor."""
        shape: list[int] = []
        kind, raw = 0, b""
        for field, value in self.fields(data):
            if field == TENSOR_DIMS:
                shape += [value] if isinstance(value, int) else _packed(value)
            elif field == TENSOR_TYPE:
                kind = int(value)
            elif field == TENSOR_NAME:
                name = self.text(value)
            elif field == TENSOR_STRING:
                self.text(value)
            elif field == TENSOR_RAW:
                raw = value
            elif field == TENSOR_EXTERNAL:
                raise Unreadable("model_structure")
        dtype = np.dtype(TYPES[kind]) if kind in TYPES and raw else None
        count = int(np.prod(shape, dtype=np.float64)) if shape else 1
        if dtype is not None and len(raw) != count * dtype.itemsize:
            raise Unreadable("model_damaged")
        # The names that exporters invent say nothing: only a name of a person's table would.
        self.tensors.append(
            Stored(name, tuple(shape), dtype, lambda: np.frombuffer(raw, dtype).reshape(shape) if raw else np.empty(0))
        )


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise Unreadable("model_damaged")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _packed(data: bytes) -> list[int]:
    values, position = [], 0
    while position < len(data):
        value, position = _varint(data, position)
        values.append(value)
    return values
