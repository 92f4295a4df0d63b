"""What all tests may ask for, and the order in which they begin."""

import pytest

pytest_plugins = ["tests.real_engines"]

# Files are handed out one by one: what takes minutes alone begins first, so that nobody waits for it at the end.
LONGEST = (
    "integration/test_readme.py",
    "integration/test_lab.py",
    "cluster/test_stack.py",
    "integration/test_own_model.py",
    "integration/test_pull_request.py",
    "integration/test_update_in_place.py",
    "cluster/test_bad_releases.py",
    "integration/s3/",
    "cluster/",
    "integration/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid))  # a stable sort: within a file all stays as it is


def _place(name: str) -> int:
    return next((place for place, start in enumerate(LONGEST) if name.startswith(f"tests/{start}")), len(LONGEST))
