"""Pickles followed opcode by opcode without running them: no import, no call, only inert records of what would be made.

:func:`follow` is a machine for the opcodes that :func:`pickletools.genops` parses. A class or function is its name, a
call is a :class:`Made` that remembers it. What a pickle would do is therefore told, never done.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from ..documents import Unreadable

MAX_OPCODES = 3_000_000
"""Some seconds of work; models hold their numbers in arrays, of a few opcodes each."""
MAX_DIMENSIONS = 32
BYTES = frozenset({"_codecs.encode", "builtins.bytearray", "__builtin__.bytearray", "builtins.bytes"})


@dataclass(frozen=True)
class Named:
    """A class or function that loading would import."""

    name: str


@dataclass(eq=False)
class Made:
    """What a call would return.

    Attributes
    ----------
    of
        What would be called, mostly a :class:`Named`.
    state
        What would become its attributes.
    added
        Items and pairs that would be added to it.
    """

    of: Any
    arguments: Any
    state: Any = None
    added: list[Any] = field(default_factory=list)

    @property
    def family(self) -> str:
        """Name of what makes it, or empty."""
        return self.of.name if isinstance(self.of, Named) else ""


@dataclass(eq=False)
class Elsewhere:
    """What the program that wrote the pickle keeps beside it: the numbers of a tensor."""

    key: Any


@dataclass(eq=False)
class Array:
    """An array whose bytes are in the file.

    Attributes
    ----------
    objects
        The items of an array of objects, else None.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    data: bytes
    fortran: bool = False
    objects: list[Any] | None = None

    def numbers(self) -> np.ndarray[Any, Any]:
        """Return the array.

        Raises
        ------
        Unreadable
            It holds objects, or its bytes do not suffice.
        """
        count = size_of(self.shape)
        if self.objects is not None or len(self.data) < count * self.dtype.itemsize:
            raise Unreadable("model_damaged")
        flat: np.ndarray[Any, Any] = np.frombuffer(self.data, self.dtype, count)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")


class _Key:
    """A key of a dictionary that is no plain value: told apart by being itself."""

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass
class Followed:
    """What was learned of one pickle."""

    root: Any
    names: dict[str, None]


class _Machine:
    """The stack, the marks and the memo of the pickle protocols, 0 to 5."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.names: dict[str, None] = {}

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def named(self, name: str) -> Named:
        self.names.setdefault(name)
        return Named(name)

    def call(self, of: Any, arguments: Any) -> None:
        self.stack.append(Made(of, arguments))

    def add(self, items: list[Any]) -> None:
        target = self.stack[-1]
        (target.added if isinstance(target, Made) else target).extend(items)

    def add_pairs(self, items: list[Any]) -> None:
        target = self.stack[-1]
        pairs = zip(items[::2], items[1::2], strict=True)
        if isinstance(target, Made):
            target.added.extend(pairs)
        else:
            target.update((_plain_key(key), value) for key, value in pairs)

    def tuple_of(self, count: int) -> None:
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def step(self, name: str, argument: Any) -> None:
        """Follow one opcode."""
        if name in _PLAIN:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _STEPS:
            _STEPS[name](self, argument)
        elif name not in _NOTHING:
            raise Unreadable("model_damaged")


_PLAIN = frozenset(
    {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING"}
    | {"SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
    | {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
)
_NOTHING = frozenset({"PROTO", "FRAME", "READONLY_BUFFER"})
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    # Kept as lists: what a set would do with its items is no concern here.
    "EMPTY_SET": list,
}


def _mark(m: _Machine, _: Any) -> None:
    m.marks.append(m.stack)
    m.stack = []


def _pop(m: _Machine, _: Any) -> None:
    if m.stack:
        m.stack.pop()
    else:
        m.since_mark()


def _put(m: _Machine, argument: Any) -> None:
    m.memo[int(argument)] = m.stack[-1]


def _get(m: _Machine, argument: Any) -> None:
    m.stack.append(m.memo[int(argument)])


def _dictionary(m: _Machine, _: Any) -> None:
    items = m.since_mark()
    m.stack.append({})
    m.add_pairs(items)


def _list(m: _Machine, _: Any) -> None:
    items = m.since_mark()
    m.stack.append(items)


def _tuple(m: _Machine, _: Any) -> None:
    items = m.since_mark()
    m.stack.append(tuple(items))


def _append(m: _Machine, _: Any) -> None:
    item = m.stack.pop()
    m.add([item])


def _appends(m: _Machine, _: Any) -> None:
    items = m.since_mark()
    m.add(items)


def _set_item(m: _Machine, _: Any) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    m.add_pairs([key, value])


def _set_items(m: _Machine, _: Any) -> None:
    items = m.since_mark()
    m.add_pairs(items)


def _global(m: _Machine, argument: Any) -> None:
    m.stack.append(m.named(str(argument).replace(" ", ".", 1)))


def _stack_global(m: _Machine, _: Any) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if not (isinstance(name, str) and isinstance(module, str)):
        raise Unreadable("model_damaged")
    m.stack.append(m.named(f"{module}.{name}"))


def _reduce(m: _Machine, _: Any) -> None:
    arguments, of = m.stack.pop(), m.stack.pop()
    m.call(of, arguments)


def _new_with_keywords(m: _Machine, _: Any) -> None:
    keywords, arguments, of = m.stack.pop(), m.stack.pop(), m.stack.pop()
    m.call(of, (arguments, keywords))


def _instance(m: _Machine, argument: Any) -> None:
    arguments = tuple(m.since_mark())
    m.call(m.named(str(argument).replace(" ", ".", 1)), arguments)


def _object(m: _Machine, _: Any) -> None:
    of, *arguments = m.since_mark()
    m.call(of, tuple(arguments))


def _build(m: _Machine, _: Any) -> None:
    state = m.stack.pop()
    target = m.stack[-1]
    if isinstance(target, Made):
        target.state = state if target.state is None else (target.state, state)


def _elsewhere(m: _Machine, argument: Any) -> None:
    m.stack.append(Elsewhere(argument))


def _elsewhere_on_stack(m: _Machine, _: Any) -> None:
    m.stack.append(Elsewhere(m.stack.pop()))


_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": _mark,
    "POP": _pop,
    "POP_MARK": lambda m, _: (m.since_mark(), None)[1],
    "DUP": lambda m, _: m.stack.append(m.stack[-1]),
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "MEMOIZE": lambda m, _: _put(m, len(m.memo)),
    "GET": _get,
    "BINGET": _get,
    "LONG_BINGET": _get,
    "DICT": _dictionary,
    "LIST": _list,
    "TUPLE": _tuple,
    "TUPLE1": lambda m, _: m.tuple_of(1),
    "TUPLE2": lambda m, _: m.tuple_of(2),
    "TUPLE3": lambda m, _: m.tuple_of(3),
    "APPEND": _append,
    "APPENDS": _appends,
    "ADDITEMS": _appends,
    "FROZENSET": _list,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_keywords,
    "INST": _instance,
    "OBJ": _object,
    "BUILD": _build,
    "PERSID": _elsewhere,
    "BINPERSID": _elsewhere_on_stack,
}
"""What is missing here, the registry of extensions and buffers that travel apart, makes a pickle unreadable."""


def follow(stream: BinaryIO) -> Followed:
    """Follow one pickle up to its end, leaving `stream` behind it; joblib's arrays, raw between opcodes, are taken.

    Raises
    ------
    Unreadable
        The bytes are no pickle, it goes on for too long, or it uses what cannot be followed.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if opcode.name == "STOP":
                return Followed(machine.stack.pop(), machine.names)
            if count > MAX_OPCODES:
                raise Unreadable("model_intricate", limit=MAX_OPCODES)
            machine.step(opcode.name, argument)
            if opcode.name == "BUILD":
                _take_joblib_array(machine, stream)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, UnicodeError) as error:
        raise Unreadable("model_damaged") from error
    raise Unreadable("model_damaged")


def _take_joblib_array(machine: _Machine, stream: BinaryIO) -> None:
    """Put the array that joblib wrote after its wrapper in the wrapper's place, where whatever remembers it is too."""
    wrapper = machine.stack[-1]
    if not (isinstance(wrapper, Made) and wrapper.family == "joblib.numpy_pickle.NumpyArrayWrapper"):
        return
    state = wrapper.state
    dtype, shape = dtype_of(state["dtype"]), shape_of(state["shape"])
    if dtype.hasobject:
        inner = follow(stream)
        machine.names.update(inner.names)
        wrapper.arguments = inner.root
        return
    if state.get("numpy_array_alignment_bytes") is not None:
        stream.read(stream.read(1)[0])
    size = size_of(shape) * dtype.itemsize
    data = stream.read(size)
    if len(data) < size:
        raise Unreadable("model_damaged")
    wrapper.arguments = Array(dtype, shape, data, state.get("order") == "F")


def array_of(value: Any) -> Array | None:
    """Return the array that a record stands for: of numpy, of joblib, or a number of numpy's types; else None.

    Raises
    ------
    Unreadable
        It claims to be an array and is damaged.
    """
    if isinstance(value, Array):
        return value
    if not isinstance(value, Made):
        return None
    try:
        if value.family.endswith(".NumpyArrayWrapper"):
            inner = value.arguments
            return inner if isinstance(inner, Array) else array_of(inner)
        if value.family.endswith("multiarray._reconstruct") and isinstance(value.state, tuple):
            _, shape, dtype, fortran, data = value.state
            return _array(dtype_of(dtype), shape_of(shape), data, bool(fortran))
        if value.family.endswith("._mareconstruct") and isinstance(value.state, tuple):
            _, shape, dtype, fortran, data, *_ = value.state
            return _array(dtype_of(dtype), shape_of(shape), data, bool(fortran))
        if value.family.endswith("numeric._frombuffer"):
            data, dtype, shape, order = value.arguments
            return _array(dtype_of(dtype), shape_of(shape), data, order == "F")
        if value.family.endswith("multiarray.scalar"):
            dtype, data = value.arguments
            return _array(dtype_of(dtype), (), data, False)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Unreadable("model_damaged") from error
    return None


def _array(dtype: np.dtype[Any], shape: tuple[int, ...], data: Any, fortran: bool) -> Array:
    if isinstance(data, list):
        return Array(dtype, shape, b"", fortran, data)
    raw = bytes_of(data)
    if raw is None:
        raise Unreadable("model_damaged")
    return Array(dtype, shape, raw, fortran)


def bytes_of(value: Any) -> bytes | None:
    """Return the bytes that a record stands for, else None; protocols before 3 and 5 write some of them as calls."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, Made) and value.family in BYTES and isinstance(value.arguments, tuple) and value.arguments:
        first = value.arguments[0]
        return first.encode("latin-1", "replace") if isinstance(first, str) else bytes_of(first)
    return None


def dtype_of(value: Any) -> np.dtype[Any]:
    """Return the type of an array's items from its record.

    Raises
    ------
    Unreadable
        It is no type that can be told without running anything.
    """
    try:
        if isinstance(value, Named):
            return np.dtype(value.name.rpartition(".")[2])
        if isinstance(value, str):
            return np.dtype(value)
        code, state = value.arguments[0], value.state
        if isinstance(state, tuple) and len(state) > 5 and state[3] is not None:
            names, fields = state[3], state[4]
            formats = [dtype_of(fields[name][0]) for name in names]
            offsets = [fields[name][1] for name in names]
            return np.dtype({"names": list(names), "formats": formats, "offsets": offsets, "itemsize": state[5]})
        if isinstance(state, tuple) and len(state) > 2 and state[2] is not None:
            raise Unreadable("model_damaged")
        if code in ("M8", "m8"):
            unit, multiple = state[8][1][:2]
            code = f"{code}[{multiple}{unit if isinstance(unit, str) else bytes(unit).decode()}]"
        made: np.dtype[Any] = np.dtype(code)
        swapped = isinstance(state, tuple) and state[1] == ">"
        return made.newbyteorder(">") if swapped else made
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Unreadable("model_damaged") from error


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of an array.

    Raises
    ------
    Unreadable
        It is no tuple of sizes.
    """
    if not isinstance(value, tuple) or len(value) > MAX_DIMENSIONS:
        raise Unreadable("model_damaged")
    sizes = tuple(_integer(size) for size in value)
    if any(size < 0 for size in sizes):
        raise Unreadable("model_damaged")
    return sizes


def size_of(shape: tuple[int, ...]) -> int:
    """Return how many items an array of this shape has."""
    count = 1
    for size in shape:
        count *= size
    return count


def _integer(value: Any) -> int:
    if isinstance(value, Made) and (scalar := array_of(value)) is not None:
        return int(scalar.numbers())
    if not isinstance(value, int):
        raise Unreadable("model_damaged")
    return value


def _plain_key(key: Any) -> Any:
    """Return a key that can be looked up; hashing tuples in tuples without end would exhaust the stack."""
    return key if isinstance(key, (str, int, float, bytes, Named)) or key is None else _Key(key)
