import pytest

from workbench.core.counting import counted


@pytest.mark.parametrize(
    ("number", "what", "told"),
    [
        (0, "row", "0 rows"),
        (1, "row", "1 row"),
        (2, "row", "2 rows"),
        (1500, "row", "1,500 rows"),
        (1, "resource unchanged", "1 resource unchanged"),
        (3, "resource unchanged", "3 resources unchanged"),
    ],
)
def test_one_is_told_in_the_singular(number: int, what: str, told: str) -> None:
    assert counted(number, what) == told
