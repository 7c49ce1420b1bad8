"""What stands on the pages of a PDF: letters with their places and colours, lines, marks, and what covers what."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LTChar, LTCurve, LTLine, LTRect
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.psexceptions import PSException

from ..documents import Series, Table, Unreadable
from ..model import Place
from . import grid, plotted

logging.getLogger("pdfminer").setLevel(logging.ERROR)

TINY = 1.5
"""Points below which nobody reads a letter."""
MARK = 20.0
"""Points that a mark of a figure measures at most."""
INVISIBLE = frozenset({3, 7})
"""Modes of drawing text that leave no trace (ISO 32000-1, table 106)."""
ROUND = 6
"""Corners above which a shape is round."""
SHAPES = 5000
"""Coloured shapes that are remembered as what a letter may stand on, or under."""
LEADING = 3.2
"""Heights of a letter between two lines of one table at most."""
LETTERS = 2_000_000
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Letter:
    """A letter where it stands, counted from the bottom left."""

    box: Box
    text: str
    size: float
    upwards: bool


@dataclass
class Page:
    """What one page shows, and what it does not."""

    letters: list[Letter] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    curves: int = 0

    def text(self) -> str:
        """Return the page as lines of text, laid out so that columns stand below each other."""
        lines = [_line(letters) for letters in _lines([x for x in self.letters if not x.upwards])]
        upwards = [label.text for label in self.labels() if label.upwards]
        return "\n".join((*_spaced(lines), "", *upwards))

    def tables(self, place: Place) -> list[Table]:
        """Return what stands in columns, the numbers along the axes of figures left out."""
        ticks = plotted.ticks(self.labels()) if self.is_figure else frozenset()
        found = []
        block: list[list[plotted.Label]] = []
        for line in [*_spread([label for label in self.labels() if label not in ticks and not label.upwards]), []]:
            if line and (not block or line[0].y - block[-1][0].y < LEADING * line[0].height):
                block.append(line)
                continue
            found.extend(_columns(block, place))
            block = [line] if line else []
        return found

    @property
    def is_figure(self) -> bool:
        """Whether curves, marks or the upright name of an axis are drawn on the page."""
        return bool(self.series) or self.curves > 0 or any(letter.upwards for letter in self.letters)

    def labels(self) -> list[plotted.Label]:
        """Return the words of the page that stand together, with the place of their middle, counted downwards."""
        found = []
        for upwards in (False, True):
            for letters in _lines([x for x in self.letters if x.upwards is upwards]):
                for group in _line(letters):
                    boxes = [letter.box for letter in group]
                    x = (min(b[0] for b in boxes) + max(b[2] for b in boxes)) / 2
                    y = -(min(b[1] for b in boxes) + max(b[3] for b in boxes)) / 2
                    ends = (min(b[0] for b in boxes), max(b[2] for b in boxes))
                    found.append(plotted.Label(x, y, _words(group), upwards, ends, group[0].size))
        return found


def pages(path: Path) -> Iterator[Page]:
    """Return what each page shows.

    Raises
    ------
    Unreadable
        Its pages cannot be interpreted.
    """
    resources = PDFResourceManager()
    device = _Device(resources)
    interpreter = PDFPageInterpreter(resources, device)
    with path.open("rb") as stream:
        try:
            for page in PDFPage.get_pages(stream, check_extractable=False):
                device.start(page.mediabox, page.cropbox)
                interpreter.process_page(page)
                yield device.finish()
        except (PDFException, PSException, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise Unreadable("unreadable", reason="pdf") from error


class _Device(PDFLayoutAnalyzer):
    """Collects letters and shapes in the order in which they are drawn."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources, laparams=None)
        self.window: Box = (0, 0, 0, 0)
        self.letters: list[tuple[Letter, bool, int]] = []
        self.string: list[LTChar] = []
        self.grounds: list[tuple[Box, bool, int]] = []
        self.marks: list[tuple[object, float, float]] = []
        self.curves: list[Series] = []
        self.drawn = self.curved = 0

    def start(self, media: Sequence[float], crop: Sequence[float]) -> None:
        """Begin a page, whose letters count from the corner of its window."""
        across, down = min(media[0], media[2]), min(media[1], media[3])
        left, low, right, high = crop[0] - across, crop[1] - down, crop[2] - across, crop[3] - down
        self.window = (min(left, right), min(low, high), max(left, right), max(low, high))
        self.letters, self.grounds, self.marks, self.curves = [], [], [], []
        self.drawn = self.curved = 0

    def receive_layout(self, ltpage: Any) -> None:
        """Keep nothing of the layout: what is needed has been collected."""

    def finish(self) -> Page:
        """Return the page that has been drawn."""
        page = Page(series=[*plotted.points(self.marks), *self.curves], curves=self.curved + len(self.marks) // 3)
        later = sorted(self.grounds, key=lambda ground: ground[2])
        for letter, seen, order in self.letters:
            covered = any(at > order and _holds(box, letter.box) for box, _, at in later)
            if seen and not covered:
                page.letters.append(letter)
            else:
                page.unseen.append(letter.text)
        return page

    def begin_figure(self, name: str, bbox: Any, matrix: Any) -> None:
        super().begin_figure(name, bbox, matrix)
        box = self.cur_item.bbox
        if box[2] - box[0] <= MARK and box[3] - box[1] <= MARK:
            self.marks.append((name, (box[0] + box[2]) / 2, -(box[1] + box[3]) / 2))

    def render_string(self, textstate: Any, seq: Any, ncs: Any, graphicstate: Any) -> None:
        self.string = []
        super().render_string(textstate, seq, ncs, graphicstate)
        # A text that starts in the window is read although the window cuts it.
        inside = any(_touches(self.window, char.bbox) for char in self.string)
        for char in self.string:
            self._letter(char, graphicstate.ncolor, inside and textstate.render not in INVISIBLE)

    def render_char(self, *args: Any, **kwargs: Any) -> float:
        advance: float = super().render_char(*args, **kwargs)
        char = self.cur_item._objs[-1]
        if isinstance(char, LTChar):
            self.string.append(char)
        return advance

    def _letter(self, char: LTChar, colour: Any, drawn: bool) -> None:
        if len(self.letters) >= LETTERS:
            raise ValueError("too many letters")
        a, b = char.matrix[:2]
        if "dingbats" in char.fontname.lower():
            self.marks.append((char.get_text(), (char.x0 + char.x1) / 2, -(char.y0 + char.y1) / 2))
            return
        letter = Letter(char.bbox, char.get_text(), char.size, upwards=abs(b) > abs(a))
        seen = drawn and char.size >= TINY
        if seen and _is_white(colour):
            seen = not next((white for box, white, _ in reversed(self.grounds) if _holds(box, char.bbox)), True)
        self.letters.append((letter, seen, self.drawn))

    def render_image(self, name: str, stream: Any) -> None:
        super().render_image(name, stream)
        self.drawn += 1
        self._ground(self.cur_item.bbox, white=False)

    def paint_path(self, gstate: Any, stroke: bool, fill: bool, evenodd: bool, path: Any) -> None:
        before = len(self.cur_item._objs)
        super().paint_path(gstate, stroke, fill, evenodd, path)
        self.drawn += 1
        for item in self.cur_item._objs[before:]:
            if isinstance(item, LTCurve):
                self._shape(item, fill, gstate.ncolor)

    def _shape(self, item: LTCurve, fill: bool, colour: Any) -> None:
        self.curved += not isinstance(item, (LTRect, LTLine))
        width, height = item.x1 - item.x0, item.y1 - item.y0
        if (curve := plotted.steps([(x, -y) for x, y in item.pts])) is not None:
            self.curves.append(curve)
        inside = self.cur_item.x1 - self.cur_item.x0 <= MARK
        if not inside and 0 < width <= MARK and 0 < height <= MARK and abs(width - height) < 0.2 * width:
            # Circles of many sizes are one series by their colour; squares are marks where they are of one size.
            size = 0.0 if len(item.pts) > ROUND else round(width, 1)
            shape = (len(item.pts), size, str(colour))
            self.marks.append((shape, (item.x0 + item.x1) / 2, -(item.y0 + item.y1) / 2))
        if fill and width * height > 1:
            self._ground(item.bbox, white=_is_white(colour))

    def _ground(self, box: Box, white: bool) -> None:
        if len(self.grounds) < SHAPES:
            self.grounds.append((box, white, self.drawn))


def _is_white(colour: Any) -> bool:
    if isinstance(colour, (int, float)):
        return colour > 0.97
    if not isinstance(colour, (tuple, list)) or not all(isinstance(c, (int, float)) for c in colour):
        return False
    return all(c < 0.03 for c in colour) if len(colour) == 4 else all(c > 0.97 for c in colour)


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _touches(window: Box, box: Box) -> bool:
    return box[2] >= window[0] and box[0] <= window[2] and box[3] >= window[1] and box[1] <= window[3]


def _lines(letters: list[Letter]) -> list[list[Letter]]:
    """Return letters by line, from top to bottom, each line from left to right (upwards, from bottom to top)."""

    def across(letter: Letter) -> float:
        return letter.box[0] if letter.upwards else -letter.box[1]

    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=across):
        if lines and abs(across(lines[-1][0]) - across(letter)) < 0.4 * max(letter.size, 1):
            lines[-1].append(letter)
        else:
            lines.append([letter])
    for line in lines:
        line.sort(key=lambda letter: letter.box[1] if letter.upwards else letter.box[0])
    return lines


def _spread(labels: list[plotted.Label]) -> list[list[plotted.Label]]:
    """Return labels by line, from top to bottom; only lines of two labels at least make a table."""
    lines: list[list[plotted.Label]] = []
    for label in sorted(labels, key=lambda label: label.y):
        if lines and label.y - lines[-1][0].y < 0.4 * max(label.height, 1):
            lines[-1].append(label)
        else:
            lines.append([label])
    return [line for line in lines if len(line) > 1]


def _columns(lines: list[list[plotted.Label]], place: Place) -> list[Table]:
    """Return the table of lines whose labels stand below each other; a label over several columns is in the first."""
    usual = max((len(line) for line in lines), default=0)
    spans: list[tuple[float, float]] = []
    for low, high in sorted(label.ends for line in lines if len(line) * 2 > usual for label in line):
        if spans and low < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], high))
        else:
            spans.append((low, high))
    if len(spans) < 2 or len(lines) < 2:
        return []
    rows = []
    for line in lines:
        row = [""] * len(spans)
        for label in line:
            nearest = min(range(len(spans)), key=lambda i: max(spans[i][0] - label.x, label.x - spans[i][1]))
            row[nearest] = f"{row[nearest]} {label.text}".strip()
        rows.append(row)
    made = grid.table(place, rows)
    return [made] if made is not None else []


def _line(letters: list[Letter]) -> list[list[Letter]]:
    """Part a line where a gap is wider than a letter."""
    groups: list[list[Letter]] = []
    end = 0.0
    for letter in letters:
        low, high = (1, 3) if letter.upwards else (0, 2)
        if groups and letter.box[low] - end < 0.9 * letter.size:
            groups[-1].append(letter)
        elif letter.text.strip():
            groups.append([letter])
        else:
            continue
        # Spaces that are written part columns as gaps do.
        if letter.text.strip():
            end = max(end, letter.box[high]) if groups[-1][0] is not letter else letter.box[high]
    return groups


def _words(group: list[Letter]) -> str:
    """Return the text of letters that stand together, with the spaces that a PDF may leave out."""
    words = ""
    end = None
    for letter in group:
        low, high = (1, 3) if letter.upwards else (0, 2)
        if end is not None and letter.box[low] - end > 0.2 * letter.size and not words.endswith(" "):
            words += " "
        words += letter.text
        end = letter.box[high]
    return " ".join(words.split())


def _spaced(lines: list[list[list[Letter]]]) -> Iterator[str]:
    """Return lines of which each group stands at its place, in letters of one width; wide gaps part paragraphs."""
    sizes = [letter.size for line in lines for group in line for letter in group]
    step = max(median(sizes) * 0.42, 0.5) if sizes else 1.0
    above = None
    for line in (line for line in lines if line):
        low = line[0][0].box[1]
        if above is not None and above - low > 2.6 * line[0][0].size:
            yield ""
        above = low
        text = ""
        for group in line:
            column = int(group[0].box[0] / step)
            text = text.ljust(max(column, len(text) + 2 if text else 0)) + _words(group)
        yield text
