import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.experiments.history import plots
from workbench.experiments.history.curves import Curves, curves

pytestmark = pytest.mark.slow

NAMES = ["churn_1795467966575", "churn_1795468635668"]


@pytest.fixture(scope="module")
def named() -> list[tuple[str, Curves]]:
    rng = np.random.default_rng(2)
    label = (rng.random(300) < 0.2).astype(np.int64)
    scores = [np.clip(rng.normal(0.2 + gap * label, 0.1), 0, 1) for gap in (0.1, 0.2)]
    return [(name, curves(label, np.arange(300), score)) for name, score in zip(NAMES, scores, strict=True)]


def _legend(axes: Axes) -> str:
    legend = axes.get_legend()
    return " | ".join(text.get_text() for text in legend.get_texts()) if legend else ""


def _texts(figure: Figure) -> list[dict[str, object]]:
    return [
        {
            "title": axes.get_title(),
            "x": axes.get_xlabel(),
            "y": axes.get_ylabel(),
            "legend": " | ".join(text.get_text() for text in legend.get_texts())
            if (legend := axes.get_legend())
            else "",
        }
        for axes in figure.axes
    ]


def test_each_panel_says_what_it_shows_on_which_axes_for_which_run(named: list[tuple[str, Curves]]) -> None:
    panels = _texts(plots._curves(named, "two runs", "300 rows"))
    assert [panel["title"] for panel in panels] == ["ROC", "Precision and recall", "Calibration", "Lift"]
    for panel in panels:
        assert panel["x"]
        assert panel["y"]
        assert all(name in str(panel["legend"]) for name in NAMES)
    assert f"{NAMES[0]}, AUC {named[0][1].metrics['roc_auc']:.3f}" in str(panels[0]["legend"])
    assert "%" in str(panels[3]["x"])


def test_bands_are_drawn_around_each_line(named: list[tuple[str, Curves]]) -> None:
    roc, precision, calibration, lift = plots._curves(named, "", "").axes
    for axes in (roc, precision, lift):
        assert len(axes.collections) == len(named)
    assert len(calibration.containers) == len(named)


def test_the_same_curves_are_the_same_png_and_others_another(named: list[tuple[str, Curves]]) -> None:
    first = plots.curves(named, "two runs")
    assert first.startswith(b"\x89PNG\r\n\x1a\n")
    assert plots.curves(named, "two runs") == first
    assert plots.curves(named[:1], "two runs") != first


def test_a_series_has_a_panel_a_metric_and_a_line_a_run() -> None:
    found = {"loss": {"a": [(0, 1.0), (1, 0.5)], "b": [(0, 0.9)]}, "f1": {"a": [(0, 0.1)]}}
    panels = _texts(plots._series(found, "runs"))
    assert [(panel["title"], panel["x"], panel["legend"]) for panel in panels] == [
        ("loss", "step", "a | b"),
        ("f1", "step", "a"),
    ]
    assert plots.series(found, "runs").startswith(b"\x89PNG")


def test_drawing_leaves_the_callers_settings_alone(named: list[tuple[str, Curves]]) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    plots.curves(named, "")
    assert dict(mpl.rcParams) == before
