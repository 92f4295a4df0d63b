"""The lab's autoscale options: which settings of a service they are, and where they are refused."""

from workbench.cli.service_options import Switch
from workbench.core.errors import ParameterError

# The lab's own defaults, where it is switched on.
_LEAST, _MOST, _TARGET = 1, 10, 70


def settings(
    stack: str,
    *,
    enabled: Switch | None,
    least: int | None,
    most: int | None,
    target: int | None,
    period: int | None,
) -> dict[str, float]:
    """The keys of a service in its stack's file; none where it is not switched on. Raises ParameterError."""
    named = {
        "min-replicas": least,
        "max-replicas": most,
        "target-utilization": target,
        "refresh-period-seconds": period,
    }
    given = [f"--autoscale-{name}" for name, value in named.items() if value is not None]
    if enabled is not Switch.true:
        if given:
            raise ParameterError(f"{given[0]} needs --autoscale-enabled true")
        return {}
    if period is not None:
        raise ParameterError(f"{given[-1]}: a cluster looks every 15 s, at all services alike; leave it out")
    _check_engine(stack)
    return {
        "replicas": _LEAST if least is None else least,
        "autoscaleMaxReplicas": _MOST if most is None else most,
        "autoscaleTargetUtilization": _TARGET if target is None else target,
    }


def _check_engine(stack: str) -> None:
    from workbench.stacks.services import stack_config  # ruamel is slow to import

    engine = stack_config.read(stack).get("engine", "docker")
    if engine != "kubernetes":
        raise ParameterError(
            f"--autoscale-enabled: the {engine} engine of {stack} does not scale by itself; leave it out, and choose "
            "-z REPLICAS"
        )
