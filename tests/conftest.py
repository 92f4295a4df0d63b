"""What all tests may ask for, and the order in which they begin."""

import pytest

pytest_plugins = ["tests.fixtures", "tests.real_engines"]

# Files are handed out one by one: what takes minutes alone begins first, so that nobody waits for it at the end. What
# wants the machine's nodes for itself begins while others have no use for them. The longest match counts.
ORDER = (
    "integration/test_readme.py",
    "integration/test_lab.py",
    "toolchain/test_two_homes.py",
    "cluster/test_stack.py",
    "integration/test_own_model.py",
    "integration/test_pull_request.py",
    "integration/test_update_in_place.py",
    "cluster/test_bad_releases.py",
    "integration/s3/",
    "cluster/",
    "cluster/test_cluster.py",
    "integration/",
    "toolchain/test_bare_machine.py",
    "cluster/test_policies.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid))  # a stable sort: within a file all stays as it is


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Failures(terminal))


class _Failures:
    """Names each failure when it happens, since a run goes on for minutes before pytest tells why."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.write_line(f"\nfailed in {report.when}: {report.nodeid}")


def _place(name: str) -> int:
    fitting = [(len(start), place) for place, start in enumerate(ORDER) if name.startswith(f"tests/{start}")]
    return max(fitting)[1] if fitting else len(ORDER)
