"""Pictures of results: of many persons together, or of each."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .cases import Draw, Label, case
from .words import REGIONS

CLEAN, FLAG, BLOCK = Label.CLEAN, Label.MUST_FLAG, Label.MUST_BLOCK

RASTERS = {"png", "jpeg"}


def saved(figure: Figure, extension: str, metadata: dict[str, str] | None = None) -> bytes:
    """Return the file of a figure, the same at any time."""
    kept = (
        metadata
        if metadata is not None
        else ({"Date": None} if extension == "svg" else {"CreationDate": None} if extension == "pdf" else None)
    )
    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "corpus", "pdf.fonttype": 42, "svg.fonttype": "none"}):
        figure.savefig(out, format=extension, dpi=80, metadata=kept)
    return out.getvalue()


def drawn(paint: Callable[[Axes], object], extension: str, metadata: dict[str, str] | None = None) -> bytes:
    """Paint one pair of axes."""
    figure = Figure(figsize=(6, 4))
    paint(figure.subplots())
    return saved(figure, extension, metadata)


def extension_of(draw: Draw) -> str:
    """Return the format of this variant, in the order in which the makers below name theirs."""
    return ("png", "svg", "pdf")[draw.variant % 3]


def epidemic_curve(draw: Draw, extension: str) -> bytes:
    """Draw cases by week, hundreds of them."""

    def paint(axes: Axes) -> None:
        axes.bar(range(1, 53), [draw.count(700, 90) for _ in range(52)], color="#3b6ea5")
        axes.set(xlabel="Semaine", ylabel="Nombre de cas", title="Courbe épidémique")

    return drawn(paint, extension)


@case(CLEAN, "clean.figures", ".png", ".svg", ".pdf", ".png", ".svg", ".pdf", difficulty=3)
def curve_figure(draw: Draw) -> bytes:
    """Epidemic curve of hundreds of cases a week."""
    return epidemic_curve(draw, extension_of(draw))


@case(CLEAN, "clean.figures", ".png", ".svg", ".pdf", difficulty=3)
def bars_figure(draw: Draw) -> bytes:
    """Bars by région with their values written."""

    def paint(axes: Axes) -> None:
        counts = [draw.count(4000, 400) for _ in REGIONS]
        axes.barh(REGIONS, counts)
        for index, count in enumerate(counts):
            axes.text(count, index, f"{count:,}".replace(",", " "), fontsize=7)
        axes.set(xlabel="Patients")

    return drawn(paint, extension_of(draw))


@case(CLEAN, "clean.figures", ".png", ".svg", ".pdf", difficulty=4)
def forest_figure(draw: Draw) -> bytes:
    """Odds ratios with intervals: a dozen points that are no persons."""

    def paint(axes: Axes) -> None:
        names = [name for _, name in draw.words.diseases]
        ratios = [draw.between(0.6, 2, 2) for _ in names]
        axes.errorbar(ratios, range(len(names)), xerr=0.2, fmt="s", capsize=3)
        axes.set_yticks(range(len(names)), names, fontsize=7)
        axes.axvline(1, linestyle=":")
        axes.set(xlabel="OR [IC95 %]", xscale="log")

    return drawn(paint, extension_of(draw))


@case(CLEAN, "clean.figures", ".png", ".svg", ".pdf", difficulty=4)
def roc_figure(draw: Draw) -> bytes:
    """A ROC curve of a hundred points, and its area."""

    def paint(axes: Axes) -> None:
        power = draw.random.uniform(0.2, 0.4)
        axes.plot(
            [i / 100 for i in range(101)],
            [(i / 100) ** power for i in range(101)],
            label=f"AUC = {1 / (1 + power):.2f}",
        )
        axes.plot([0, 1], [0, 1], "--")
        axes.legend()

    return drawn(paint, extension_of(draw))


@case(CLEAN, "clean.figures", ".png", ".svg", ".pdf", difficulty=4)
def smooth_survival_figure(draw: Draw) -> bytes:
    """Survival of thousands, by month, with numbers at risk in the thousands."""

    def paint(axes: Axes) -> None:
        for label, rate in (("Traités", 0.004), ("Témoins", 0.006)):
            axes.step(range(0, 61, 3), [(1 - rate) ** month for month in range(0, 61, 3)], where="post", label=label)
        axes.text(0, 0.1, f"À risque : {draw.count(9000, 4000)}  {draw.count(3000, 2000)}")
        axes.set(xlabel="Mois", ylabel="Survie", ylim=(0, 1))
        axes.legend()

    return drawn(paint, extension_of(draw))


@case(CLEAN, "clean.figures", ".png", ".svg", difficulty=3)
def heat_map_figure(draw: Draw) -> bytes:
    """Correlations as colours."""

    def paint(axes: Axes) -> None:
        axes.imshow(draw.numpy.uniform(-0.4, 0.6, (8, 8)), cmap="RdBu")
        axes.set_title("Corrélations")

    return drawn(paint, extension_of(draw))


@case(CLEAN, "clean.figures", ".svg", ".pdf", difficulty=3)
def rates_figure(draw: Draw) -> bytes:
    """Lines of yearly rates, 11 points for each of 3 lines."""

    def paint(axes: Axes) -> None:
        for name in draw.words.ages[:3]:
            axes.plot(range(2012, 2023), [draw.between(3, 9) for _ in range(11)], marker="o", label=name)
        axes.set(xlabel="Année", ylabel="Taux pour 1 000")
        axes.legend()

    return drawn(paint, ("svg", "pdf")[draw.variant])


@case(FLAG, "figure_of_individuals", ".png", ".png", ".png", difficulty=3, rules=("figures.",))
def scatter_raster(draw: Draw) -> bytes:
    """Pixels of a scatter plot of individuals: nothing but an eye can tell, so somebody must look."""

    def paint(axes: Axes) -> None:
        axes.scatter(draw.numpy.normal(60, 15, 400), draw.numpy.normal(8, 2, 400), s=draw.turn(6, 12, 20), alpha=0.7)
        axes.set(xlabel="Âge", ylabel="HbA1c (%)")

    return drawn(paint, "png")


@case(BLOCK, "figure_of_individuals", ".svg", ".svg", ".pdf", ".svg", difficulty=3, rules=("figures.",))
def scatter_vector(draw: Draw) -> bytes:
    """A drawing with one mark for each of hundreds of persons, positions in full precision."""

    def paint(axes: Axes) -> None:
        axes.scatter(draw.numpy.normal(60, 15, 350), draw.numpy.normal(8, 2, 350), s=9)
        axes.set(xlabel=draw.turn("Âge (ans)", "IMC"), ylabel="HbA1c (%)")

    return drawn(paint, ("svg", "svg", "pdf", "svg")[draw.variant])


@case(BLOCK, "figure_of_individuals", ".svg", ".svg", difficulty=4, rules=("figures.",))
def residuals_vector(draw: Draw) -> bytes:
    """Residuals against fitted values, a mark for each person, drawn by `plot`."""

    def paint(axes: Axes) -> None:
        axes.plot(
            draw.numpy.normal(0, 1, 250), draw.numpy.normal(0, 1, 250), linestyle="none", marker=draw.turn("o", "+")
        )
        axes.set(xlabel="Valeurs ajustées", ylabel="Résidus")

    return drawn(paint, "svg")


@case(BLOCK, "figure_of_individuals", ".svg", ".pdf", difficulty=4, rules=("figures.",))
def stepwise_survival(draw: Draw) -> bytes:
    """A survival curve of sixty persons with a step for each death, in vectors."""

    def paint(axes: Axes) -> None:
        times = sorted(draw.random.randint(1, 1500) for _ in range(60))
        axes.step([0, *times], [1 - i / 60 for i in range(61)], where="post")
        axes.set(xlabel="Jours", ylabel="Survie")

    return drawn(paint, ("svg", "pdf")[draw.variant])


@case(BLOCK, "figure_small_cells", ".svg", ".pdf", ".svg", difficulty=4, rules=("figures.", "counts.", "tables."))
def bars_with_small_values(draw: Draw) -> bytes:
    """Bars with the numbers of patients written, some below 11."""

    def paint(axes: Axes) -> None:
        counts = [draw.random.randint(2, 9) if i % 4 == 1 else draw.count(90) for i in range(9)]
        axes.bar(range(9), counts)
        for index, count in enumerate(counts):
            axes.text(index, count, f"n = {count}", ha="center")
        axes.set(ylabel="Nombre de patients")

    return drawn(paint, ("svg", "pdf", "svg")[draw.variant])
