"""What a run's pod is doing, by what the cluster says of it, in words for people. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.clusters.symptoms import NEVER, OOM
from workbench.experiments.targets import TOO_LITTLE_MEMORY

if TYPE_CHECKING:
    from lightkube.models.core_v1 import ContainerState, Pod

LIMIT = "it took longer than limitSeconds of the compute"
# Time makes none of these well. A pull is tried again by the node; the second time it says BackOff.
_NEVER = (*NEVER, "ImagePullBackOff")
_LONGEST = 400


def is_running(pod: "Pod") -> bool:
    """Whether its container runs, and is not being ended."""
    state = _state(pod)
    return bool(state and state.running) and not (pod.metadata and pod.metadata.deletionTimestamp)


def is_over(pod: "Pod") -> bool:
    """Whether its container will never run again."""
    return bool(pod.status) and pod.status is not None and pod.status.phase in ("Succeeded", "Failed")


def hopeless(pod: "Pod", warnings: Sequence[str]) -> str:
    """Why it can never start; "" if it may."""
    state = _state(pod)
    waiting = state.waiting if state else None
    if not waiting or waiting.reason not in _NEVER:
        return ""
    pull = "Pull" in str(waiting.reason) or waiting.reason == "InvalidImageName"
    said = next(
        (warning for warning in warnings if not pull or warning.startswith("Failed to pull image")), waiting.message
    )
    how = "; see that the cluster reaches the registry, and has a pullSecret if that asks for one" if pull else ""
    return f"its container can't start: {waiting.reason} ({_short(said or '')}){how}"


def waits_for(pod: "Pod") -> str:
    """What it waits for that may not come; "" if it waits for nothing of the kind."""
    conditions = (pod.status.conditions if pod.status else None) or []
    for condition in conditions:
        if condition.type == "PodScheduled" and condition.status == "False":
            return f"no node takes it: {_short(condition.message or condition.reason or '')}"
    return ""


def death(pod: "Pod") -> str:
    """Why it ended before its script did."""
    state = _state(pod)
    ended = state.terminated if state else None
    if ended and ended.reason == OOM:
        return TOO_LITTLE_MEMORY
    status = pod.status
    if status and status.reason == "DeadlineExceeded":
        return LIMIT
    if status and status.reason:
        return f"its pod ended: {status.reason} ({_short(status.message or '')})"
    if ended:
        lines = [line for line in (ended.message or "").splitlines() if line.strip()]
        told = f": {_short(lines[-1])}" if lines else ""
        return f"its container ended with {ended.exitCode}{told}"
    return "its pod was taken away"


def code(pod: "Pod") -> int:
    """The exit code of its container, that of a kill where it has none."""
    state = _state(pod)
    return (state.terminated.exitCode if state and state.terminated else 0) or 137


def exceeded(pod: "Pod | None") -> bool:
    """Whether it ran into its time limit."""
    return bool(pod and pod.status and pod.status.reason == "DeadlineExceeded")


def _state(pod: "Pod") -> "ContainerState | None":
    statuses = (pod.status.containerStatuses if pod.status else None) or []
    return statuses[0].state if statuses else None


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
