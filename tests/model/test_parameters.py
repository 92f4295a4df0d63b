import pytest

from model.parameters import Parameters, parse_parameters
from workbench.core.errors import ParameterError


def test_assignments_are_typed_and_the_last_one_counts() -> None:
    assert parse_parameters(["max_iter=5", "learning_rate=1e-2", "max_iter=7"]) == Parameters(
        max_iter=7, learning_rate=0.01
    )


@pytest.mark.parametrize(
    "assignment",
    ["depth=3", "max_iter", "max_iter=", "max_iter=1.5", "max_iter=0", "learning_rate=nan", "test_share=0.9", "=1"],
)
def test_an_unknown_key_or_a_value_out_of_range_is_refused_by_name(assignment: str) -> None:
    with pytest.raises(ParameterError, match="--param") as caught:
        parse_parameters([assignment])
    assert assignment.partition("=")[0] in str(caught.value)
