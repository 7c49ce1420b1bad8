"""Where the elements of an SVG drawing stand, what they draw, and which of its texts nobody sees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from ..documents import Series
from . import plotted

INHERITED = ("fill", "fill-opacity", "font-size", "visibility", "font")
WHITE = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)", "rgb(100%,100%,100%)"})
TINY = 2.0
"""Size of letters, in the drawing's units times its scale, below which nobody reads them."""
GROUNDS = 5000
"""Coloured shapes that are remembered as what a white text may stand on."""
NUMBER = re2.compile(r"[+\-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+\-]?\d+)?")
FUNCTION = re2.compile(r"(matrix|translate|scale|rotate)\s*\(([^()]*)\)")
COMMAND = re2.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
RULE = re2.compile(r"([^{}]{1,200})\{([^{}]*)\}")
TEXTS = ("text",)
ROUND = 1500
"""Characters of a path up to which it can be a circle."""
UNDRAWN = frozenset({"defs", "clipPath", "symbol", "marker", "mask", "pattern", "metadata", "title", "desc", "style"})
UNIT: tuple[float, ...] = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Drawn:
    """An element with where it stands and what it inherits."""

    element: Any
    name: str
    matrix: tuple[float, ...]
    style: Mapping[str, str]
    shown: bool
    under: tuple[str, ...]


def name_of(element: Any) -> str:
    """Return an element's name without its namespace; empty for a comment."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def elements(root: Any) -> Iterator[Drawn]:
    """Return every element with its place and style, in the order of drawing."""
    sheet = _sheet(root)
    stack = [Drawn(root, "svg", UNIT, {}, True, ())]
    while stack:
        drawn = stack.pop()
        yield drawn
        for child in reversed(list(drawn.element)):
            if not isinstance(child.tag, str):
                continue
            name = name_of(child)
            own = _style(child, sheet)
            inherited = {k: v for k, v in drawn.style.items() if k in INHERITED}
            style = {**inherited, **own}
            gone = style.get("display") == "none" or _is_zero(own.get("opacity"))
            shown = drawn.shown and not gone
            matrix = _times(drawn.matrix, _matrix(child.get("transform", "")))
            stack.append(Drawn(child, name, matrix, style, shown, (*drawn.under, drawn.name)))


def series(root: Any) -> list[Series]:
    """Return what the drawing shows as marks of one shape, and as curves of steps."""
    marks: list[tuple[object, float, float]] = []
    curves: list[Series] = []
    for drawn in elements(root):
        if not UNDRAWN.isdisjoint(drawn.under) or not drawn.shown:
            continue
        attributes = drawn.element.attrib
        if drawn.name == "use":
            reference = next((v for k, v in attributes.items() if k.rpartition("}")[2] == "href"), "")
            if not _is_glyph(drawn):
                # Bubbles of many sizes are one series by their colour; the marks of axes have none.
                shape = attributes.get("fill") or _declared(attributes.get("style", "")).get("fill") or reference
                marks.append((shape, *_at(drawn, _length(attributes.get("x")), _length(attributes.get("y")))))
        elif drawn.name in ("circle", "ellipse"):
            radius = attributes.get("r", attributes.get("rx", ""))
            shape = (drawn.name, drawn.style.get("fill", radius), drawn.style.get("stroke"))
            marks.append((shape, *_at(drawn, _length(attributes.get("cx")), _length(attributes.get("cy")))))
        elif drawn.name == "path":
            shape = attributes.get("d", "")
            corners = _corners(shape) if len(shape) < ROUND else []
            if attributes.get("transform") and len(shape) < 400:
                marks.append((shape, *_at(drawn, 0, 0)))
            elif _is_round(shape, corners):
                # Bubbles of many sizes, each drawn by itself.
                left, right = (end(x for x, _ in corners) for end in (min, max))
                low, high = (end(y for _, y in corners) for end in (min, max))
                marks.append((("round", drawn.style.get("fill")), *_at(drawn, (left + right) / 2, (low + high) / 2)))
            if (curve := plotted.steps(_corners(shape))) is not None:
                curves.append(curve)
        elif drawn.name == "polyline":
            numbers = [float(n) for n in NUMBER.findall(attributes.get("points", ""))]
            if (curve := plotted.steps(list(zip(numbers[::2], numbers[1::2], strict=False)))) is not None:
                curves.append(curve)
    return [*plotted.points(marks), *curves]


def _is_round(path: str, corners: list[tuple[float, float]]) -> bool:
    """Tell whether a path is a closed curve as wide as high: four bends at least, or arcs."""
    bends = sum(path.count(command) for command in "CcSsQqAa")
    if bends < 4 or not corners or not path.rstrip().lower().endswith("z"):
        return False
    width, height = (max(along) - min(along) for along in zip(*corners, strict=True))
    return bool(width > 0 and abs(width - height) <= 0.02 * width)


def labels(root: Any) -> list[plotted.Label]:
    """Return the texts that show, with their places; also those that matplotlib draws as outlines, from its notes."""
    found = []
    for drawn in elements(root):
        element = drawn.element
        if drawn.name == "text" and UNDRAWN.isdisjoint(drawn.under) and drawn.shown:
            words = " ".join("".join(element.itertext()).split())
            x, y = _length(element.get("x")), _length(element.get("y"))
            found.append(plotted.Label(*_at(drawn, x, y), words, _is_upwards(drawn.matrix)))
        elif drawn.name == "g" and str(element.get("id", "")).startswith("text"):
            notes = [str(child.text).strip() for child in element if not isinstance(child.tag, str) and child.text]
            group = next((child for child in element if isinstance(child.tag, str)), None)
            if notes and group is not None:
                matrix = _times(drawn.matrix, _matrix(group.get("transform", "")))
                found.append(plotted.Label(matrix[4], matrix[5], notes[0], _is_upwards(matrix)))
    return found


def unseen(root: Any) -> list[Any]:
    """Return the text elements that nobody sees: white on white, tiny, transparent, not shown, outside the drawing."""
    frame = _frame(root)
    grounds: list[tuple[float, float, float, float]] = []
    found = []
    for drawn in elements(root):
        if drawn.name in ("rect", "path", "polygon", "circle") and UNDRAWN.isdisjoint(drawn.under):
            if drawn.shown and len(grounds) < GROUNDS and _is_dark(drawn.style):
                grounds.append(_box(drawn))
        elif drawn.name == "text" and "".join(drawn.element.itertext()).strip() and _is_unseen(drawn, frame, grounds):
            found.append(drawn.element)
    return found


def _is_unseen(
    drawn: Drawn, frame: tuple[float, float, float, float] | None, grounds: list[tuple[float, float, float, float]]
) -> bool:
    style = drawn.style
    if not drawn.shown or style.get("visibility") in ("hidden", "collapse"):
        return True
    fill = style.get("fill", "black").lower().replace(" ", "")
    if (_is_zero(style.get("fill-opacity")) or fill in ("none", "transparent")) and "stroke" not in style:
        return True
    size = style.get("font-size") or next(iter(re2.findall(r"\d*\.?\d+px", style.get("font", ""))), "")
    if size and not size.endswith(("%", "em")) and _length(size) * _scale(drawn.matrix) < TINY:
        return True
    x, y = _at(drawn, _length(drawn.element.get("x")), _length(drawn.element.get("y")))
    if frame is not None and not (frame[0] <= x <= frame[2] and frame[1] <= y <= frame[3]):
        return True
    return fill in WHITE and not any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in grounds)


def _frame(root: Any) -> tuple[float, float, float, float] | None:
    """Return the drawing's window with a tenth around it, None when it does not say."""
    view = [float(n) for n in NUMBER.findall(root.get("viewBox", ""))]
    if len(view) != 4:
        width, height = root.get("width", ""), root.get("height", "")
        if not width or not height or width.endswith("%") or height.endswith("%"):
            return None
        view = [0, 0, _length(width), _length(height)]
    left, top, across, down = view
    return left - across / 10, top - down / 10, left + 1.1 * across, top + 1.1 * down


def _box(drawn: Drawn) -> tuple[float, float, float, float]:
    attributes = drawn.element.attrib
    if drawn.name == "rect":
        x, y = _length(attributes.get("x")), _length(attributes.get("y"))
        if attributes.get("width", "").endswith("%"):
            return -math.inf, -math.inf, math.inf, math.inf
        corners = [(x, y), (x + _length(attributes.get("width")), y + _length(attributes.get("height")))]
    elif drawn.name == "circle":
        x, y, r = (_length(attributes.get(name)) for name in ("cx", "cy", "r"))
        corners = [(x - r, y - r), (x + r, y + r)]
    else:
        numbers = [float(n) for n in NUMBER.findall(attributes.get("points", ""))]
        corners = _corners(attributes.get("d", "")) or list(zip(numbers[::2], numbers[1::2], strict=False))
    placed = [_at(drawn, x, y) for x, y in corners] or [(math.inf, math.inf)]
    return (*map(min, zip(*placed, strict=True)), *map(max, zip(*placed, strict=True)))


def _is_dark(style: Mapping[str, str]) -> bool:
    fill = style.get("fill", "black").lower().replace(" ", "")
    return fill not in WHITE | {"none", "transparent"} and not _is_zero(style.get("fill-opacity"))


def _corners(path: str) -> list[tuple[float, float]]:
    """Return the corners of a path; of curves, the points that control them too."""
    found: list[tuple[float, float]] = []
    x = y = 0.0
    for command, text in COMMAND.findall(path):
        numbers = [float(n) for n in NUMBER.findall(text)]
        relative = command.islower()
        if command in "Hh":
            for n in numbers:
                x = x + n if relative else n
                found.append((x, y))
        elif command in "Vv":
            for n in numbers:
                y = y + n if relative else n
                found.append((x, y))
        elif command not in "AaZz":
            for a, b in zip(numbers[::2], numbers[1::2], strict=False):
                x, y = (x + a, y + b) if relative else (a, b)
                found.append((x, y))
    return found


def _sheet(root: Any) -> dict[str, dict[str, str]]:
    """Return the declarations of style sheets by selector: elements, classes, names."""
    found: dict[str, dict[str, str]] = {}
    for element in root.iter():
        if name_of(element) == "style":
            for selectors, body in RULE.findall(element.text or ""):
                for selector in selectors.split(","):
                    found.setdefault(selector.split()[-1] if selector.split() else "", {}).update(_declared(body))
    return found


def _style(element: Any, sheet: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    style = {k: v.strip() for k, v in element.attrib.items()}
    for selector in (name_of(element), *(f".{c}" for c in element.get("class", "").split()), f"#{element.get('id')}"):
        style.update(sheet.get(selector, {}))
    style.update(_declared(element.get("style", "")))
    return style


def _declared(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}


def _matrix(text: str) -> tuple[float, ...]:
    made = UNIT
    for name, given in FUNCTION.findall(text):
        numbers = [float(n) for n in NUMBER.findall(given)]
        if name == "matrix" and len(numbers) == 6:
            made = _times(made, tuple(numbers))
        elif name == "translate" and numbers:
            made = _times(made, (1, 0, 0, 1, numbers[0], numbers[1] if len(numbers) > 1 else 0))
        elif name == "scale" and numbers:
            made = _times(made, (numbers[0], 0, 0, numbers[-1], 0, 0))
        elif name == "rotate" and numbers:
            turn = math.radians(numbers[0])
            around = tuple(numbers[1:3]) if len(numbers) >= 3 else (0.0, 0.0)
            made = _times(made, (1, 0, 0, 1, *around))
            made = _times(made, (math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 0, 0))
            made = _times(made, (1, 0, 0, 1, -around[0], -around[1]))
    return made


def _times(m: tuple[float, ...], n: tuple[float, ...]) -> tuple[float, ...]:
    return (
        m[0] * n[0] + m[2] * n[1],
        m[1] * n[0] + m[3] * n[1],
        m[0] * n[2] + m[2] * n[3],
        m[1] * n[2] + m[3] * n[3],
        m[0] * n[4] + m[2] * n[5] + m[4],
        m[1] * n[4] + m[3] * n[5] + m[5],
    )


def _at(drawn: Drawn, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = drawn.matrix
    return a * x + c * y + e, b * x + d * y + f


def _scale(matrix: tuple[float, ...]) -> float:
    return math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))


def _is_upwards(matrix: tuple[float, ...]) -> bool:
    return abs(matrix[1]) > abs(matrix[0])


def _is_glyph(drawn: Drawn) -> bool:
    reference = next((v for k, v in drawn.element.attrib.items() if k.rpartition("}")[2] == "href"), "")
    return "glyph" in reference or "font" in reference.lower() or "x" not in drawn.element.attrib


def _length(text: str | None) -> float:
    found = NUMBER.match((text or "").strip())
    return float(found.group()) if found else 0.0


def _is_zero(text: str | None) -> bool:
    return bool(text) and NUMBER.match(str(text).strip()) is not None and _length(text) == 0
