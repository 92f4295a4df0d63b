"""`from azureml.logging import get_azureml_logger`, as Workbench projects have it, telling this project's run."""

from __future__ import annotations

from workbench import tracking


class RunLogger:
    """Tells the run what `log` is given: one value is a metric, several are a list."""

    def log(self, name: str, value: object) -> None:
        """Tell a number, a text, or a list of them."""
        if isinstance(value, list | tuple | set) or getattr(value, "ndim", None):
            tracking.log_list(name, value)  # type: ignore[arg-type]  # an array can be iterated too
        else:
            tracking.log(name, value)


def get_azureml_logger() -> RunLogger:
    """The logger of the run that this script is part of; outside a run it prints."""
    return RunLogger()
