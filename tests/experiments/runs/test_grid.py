import pytest

from workbench.core.errors import ParameterError
from workbench.experiments.runs import grid


def test_a_grid_is_every_combination_the_last_axis_turning_fastest() -> None:
    axes = grid.parse(["C=0.1,1", "--max_iter=100, 200"])
    assert [tuple(point.items()) for point in grid.points(axes)] == [
        (("C", "0.1"), ("max_iter", "100")),
        (("C", "0.1"), ("max_iter", "200")),
        (("C", "1"), ("max_iter", "100")),
        (("C", "1"), ("max_iter", "200")),
    ]


def test_a_point_is_arguments_of_the_script() -> None:
    assert grid.arguments({"C": "0.1", "shift": "-1"}) == ["--C", "0.1", "--shift=-1"]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "--grid is missing"),
        (["C"], "write NAME=VALUE,VALUE"),
        (["C=1,,2"], "no value left empty"),
        (["C=1,1"], "1 stands there twice"),
        (["C=1", "C=2"], "is given twice"),
        (["1C=1"], "write NAME=VALUE"),
        ([f"a={','.join(map(str, range(40)))}", f"b={','.join(map(str, range(40)))}"], "1,600 runs"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_in_one_line(texts: list[str], words: str) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        grid.parse(texts)
    assert "\n" not in str(caught.value)
