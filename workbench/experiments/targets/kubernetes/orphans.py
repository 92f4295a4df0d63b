"""What runs leave in a cluster: Jobs of killed submits. Decides nothing."""

from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets.kubernetes.api import Api


class Jobs:
    """Those of the namespace that a compute names. Raises TargetError."""

    kind = "Job"

    def __init__(self, compute: Compute) -> None:
        self._api = Api(compute)

    def left(self) -> dict[str, list[str]]:
        """Jobs of runs by name, with the ids of the runs in each."""
        return {name: runs.split(",") for name, runs in self._api.jobs().items()}

    def remove(self, name: str) -> None:
        """Remove a Job with its pods."""
        self._api.delete_job(name)
