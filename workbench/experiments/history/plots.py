"""Pictures of runs as PNG: curves of models side by side, metrics over steps. Owns how they look, works nothing out.

The one place that imports matplotlib, and without pyplot: no window, no state that outlives a call.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.experiments.history.curves import Curve, Curves
from workbench.experiments.history.evaluate import Floats

# Okabe and Ito's colours, which people who see colours differently can tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES = ("-", "--", "-.")
_GREY = "#777777"
_DPI = 110
_STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.grid": True,
    "grid.color": "#E5E5E5",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.7,
    "legend.fontsize": 9,
}

_UPRIGHT = 6
_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1)

Named = Sequence[tuple[str, Curves]]
Points = Sequence[tuple[float, float]]
Grid = Sequence[tuple[Mapping[str, str], float]]


def curves(named: Named, title: str, note: str = "") -> bytes:
    """A PNG with ROC, precision and recall, calibration and lift of each of `named` (name, curves)."""
    with mpl.rc_context(_STYLE):
        return _png(_curves(named, title, note))


def series(found: Mapping[str, Mapping[str, Points]], title: str) -> bytes:
    """A PNG with one panel a metric: metric → line's name → points (step, value), in order."""
    with mpl.rc_context(_STYLE):
        return _png(_series(found, title))


def sweep(points: Grid, axes: Mapping[str, Sequence[str]], title: str, metric: str) -> bytes:
    """A PNG with one panel a parameter of a grid: `points` (parameters, value), the best first; `axes` in their order.

    Each run is a dot, the best a star, and the line joins the best that each value reached.
    """
    with mpl.rc_context(_STYLE):
        return _png(_sweep(points, axes, title, metric))


def _curves(named: Named, title: str, note: str) -> Figure:
    figure = Figure(figsize=(11.5, 10.5), dpi=_DPI, layout="constrained")
    roc, precision, calibration, lift = figure.subplots(2, 2).flat
    _roc(roc, named)
    _precision(precision, named)
    _calibration(calibration, named)
    _lift(lift, named)
    figure.suptitle(title, fontsize=13)
    figure.supxlabel(note, fontsize=9, color=_GREY)
    return figure


def _series(found: Mapping[str, Mapping[str, Points]], title: str) -> Figure:
    figure = Figure(figsize=(9.0, 1.0 + 3.2 * len(found)), dpi=_DPI, layout="constrained")
    panels = figure.subplots(len(found), 1, squeeze=False).flat
    for axes, (metric, lines) in zip(panels, found.items(), strict=True):
        for look, (name, points) in zip(_looks(len(lines)), lines.items(), strict=True):
            steps, values = zip(*points, strict=True)
            axes.plot(steps, values, label=name, marker="o" if len(points) == 1 else "", **look)
        axes.set(title=metric, xlabel="step", ylabel=metric)
        axes.legend()
    figure.suptitle(title, fontsize=13)
    return figure


def _sweep(points: Grid, axes: Mapping[str, Sequence[str]], title: str, metric: str) -> Figure:
    figure = Figure(figsize=(1.5 + 4.0 * len(axes), 4.2), dpi=_DPI, layout="constrained")
    panels = figure.subplots(1, len(axes), squeeze=False, sharey=True).flat
    for panel, (name, values) in zip(panels, axes.items(), strict=True):
        # Values stand side by side as they were named: a grid's steps are rarely even.
        place = {value: number for number, value in enumerate(values)}
        tops: dict[int, float] = {}
        for parameters, value in points:
            tops.setdefault(place[parameters[name]], value)
        panel.plot(sorted(tops), [tops[top] for top in sorted(tops)], color=_COLOURS[0], linewidth=1.2)
        panel.scatter(
            [place[each[name]] for each, _ in points], [value for _, value in points], color=_COLOURS[0], s=18
        )
        panel.scatter(
            place[points[0][0][name]], points[0][1], color=_COLOURS[1], marker="*", s=150, zorder=3, label="best"
        )
        panel.set_xticks(range(len(values)), values, rotation=45 if len(values) > _UPRIGHT else 0)
        panel.set(xlabel=name)
    panels[0].set(ylabel=metric)
    panels[0].legend()
    figure.suptitle(title, fontsize=13)
    return figure


def _roc(axes: Axes, named: Named) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", label="chance")
    _lines(axes, named, lambda each: each.roc, lambda each: f"AUC {each.metrics['roc_auc']:.3f}")
    axes.set(title="ROC", xlabel="false positive rate", ylabel="true positive rate (recall)")
    axes.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
    axes.legend(loc="lower right")


def _precision(axes: Axes, named: Named) -> None:
    _shares(axes, named)
    _lines(axes, named, lambda each: each.precision_recall, lambda each: f"AP {each.metrics['average_precision']:.3f}")
    axes.set(title="Precision and recall", xlabel="recall (share of churners found)", ylabel="precision")
    axes.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
    axes.legend(loc="upper right")


def _calibration(axes: Axes, named: Named) -> None:
    largest = max(float(max(each.calibration.high.max(), each.calibration.x.max())) for _, each in named)
    limit = min(1.0, 1.08 * largest)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", label="perfectly calibrated")
    for look, (name, each) in zip(_looks(len(named)), named, strict=True):
        found = each.calibration
        spread = [(found.y - found.low).clip(0), (found.high - found.y).clip(0)]
        label = f"{name}, Brier {each.metrics['brier']:.4f}"
        axes.errorbar(found.x, found.y, spread, marker="o", markersize=4, capsize=3, linewidth=1.2, label=label, **look)
    # Most customers stay, so most points are small: a square root gives them room, and leaves the diagonal straight.
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("function", functions=(_root, _square))
        axis.set_ticks([tick for tick in _TICKS if tick <= limit], [f"{tick:g}" for tick in _TICKS if tick <= limit])
    axes.set(title="Calibration", xlim=(0, limit), ylim=(0, limit), aspect="equal")
    axes.set(xlabel="mean predicted probability, by tenths of the rows", ylabel="share of churners")
    axes.legend(loc="best")


def _lift(axes: Axes, named: Named) -> None:
    axes.axhline(1, color=_GREY, linestyle=":", label="chance")
    _lines(axes, named, lambda each: each.lift, lambda each: f"{_at_tenth(each.lift):.1f} times in the first 10 %")
    axes.set(title="Lift", xlabel="rows with the highest probability, % of all", ylabel="churners, times the average")
    axes.set(xlim=(0, 1))
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(lambda value, _place: f"{100 * value:.0f}")
    axes.legend(loc="upper right")


def _lines(axes: Axes, named: Named, curve: Callable[[Curves], Curve], summary: Callable[[Curves], str]) -> None:
    for look, (name, each) in zip(_looks(len(named)), named, strict=True):
        found = curve(each)
        axes.fill_between(found.x, found.low, found.high, color=look["color"], alpha=0.13, linewidth=0)
        axes.plot(found.x, found.y, linewidth=1.6, label=f"{name}, {summary(each)}", **look)


def _shares(axes: Axes, named: Named) -> None:
    """What a model that knows nothing reaches: the share of churners, which test parts may have in common."""
    shares = list(dict.fromkeys(round(each.positive_share, 4) for _, each in named))
    label = f"share of churners, {', '.join(f'{share:.3f}' for share in shares)}"
    for share in shares:
        axes.axhline(share, color=_GREY, linestyle=":", label=label if share == shares[0] else None)


def _root(values: Floats) -> Floats:
    return np.sqrt(np.maximum(values, 0))


def _square(values: Floats) -> Floats:
    return np.asarray(values) ** 2


def _at_tenth(lift: Curve) -> float:
    return float(lift.y[abs(lift.x - 0.1).argmin()])


def _looks(count: int) -> list[dict[str, Any]]:
    """Colour and dashes of each of `count` lines; dashes change when the colours are used up."""
    rounds = [divmod(place, len(_COLOURS)) for place in range(count)]
    return [{"color": _COLOURS[place], "linestyle": _DASHES[turn % len(_DASHES)]} for turn, place in rounds]


def _png(figure: Figure) -> bytes:
    """The same figure gives the same bytes with one matplotlib."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
