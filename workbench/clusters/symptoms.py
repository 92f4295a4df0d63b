"""What is wrong with a release's pods, in one line: from their states, their events, their last words. Asks lazily."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightkube.models.core_v1 import ContainerStatus, Node, Pod

RESTARTS = 3
LONGEST = 600
# No patience makes these well; a name that is not to be had today may be there in a moment.
NEVER = ("InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError")
OOM = "OOMKilled"


class Symptoms:
    """`events` gives a pod's warnings, latest first; `last_line` the last that its container printed."""

    def __init__(self, pods: list[Pod], events: Callable[[Pod], list[str]], last_line: Callable[[Pod], str]) -> None:
        self._pods, self._events, self._last_line = pods, events, last_line

    def hopeless(self) -> str:
        """Why waiting longer is in vain; "" while it may be well yet."""
        for pod in self._pods:
            for status in _statuses(pod):
                waiting = status.state and status.state.waiting
                if waiting and waiting.reason in NEVER:
                    return f"can't start: {waiting.reason}{_said(waiting.message)}"
                if (status.restartCount or 0) >= RESTARTS:
                    return self._ended(pod, status)
        return ""

    def late(self) -> str:
        """What keeps the first pod that is not ready; "" if there is none."""
        for pod in self._pods:
            if is_ready(pod):
                continue
            name = pod.metadata.name if pod.metadata else ""
            for status in _statuses(pod):
                if status.restartCount or (status.lastState and status.lastState.terminated):
                    return f"{name} {self._ended(pod, status)}"
                waiting = status.state and status.state.waiting
                if waiting and waiting.reason not in {None, "ContainerCreating", "PodInitializing"}:
                    return f"{name} waits: {waiting.reason}{_said(waiting.message or '; '.join(self._events(pod)[:1]))}"
            events = self._events(pod)
            told = f"; {_short(events[0])}" if events else ""
            return f"{name} is {_phase(pod)}{told}{_words(self._last_line(pod))}"
        return ""

    def _ended(self, pod: Pod, status: ContainerStatus) -> str:
        last = (status.lastState and status.lastState.terminated) or (status.state and status.state.terminated)
        times = f"ended {(status.restartCount or 0) + (1 if status.state and status.state.terminated else 0)} times"
        if not last:
            return times + _words(self._last_line(pod))
        why = f", last with {last.exitCode}"
        if last.reason == OOM:
            why += " (OOMKilled): it needed more memory than the service's memory gives"
        lines = [line for line in (last.message or "").splitlines() if line.strip()]
        # A container that a probe ended says nothing of it; the event does.
        killed = next((event for event in self._events(pod) if event.startswith("Unhealthy")), "")
        told = f"; {_short(killed)}" if killed else ""
        return times + why + told + _words(lines[-1] if lines else self._last_line(pod))


def _statuses(pod: Pod) -> list[ContainerStatus]:
    return list((pod.status and pod.status.containerStatuses) or [])


def is_ready(one: Pod | Node) -> bool:
    """Whether a pod takes requests, or a node takes pods."""
    conditions = (one.status and one.status.conditions) or []
    return any(condition.type == "Ready" and condition.status == "True" for condition in conditions)


def _phase(pod: Pod) -> str:
    conditions = (pod.status and pod.status.conditions) or []
    unscheduled = next(
        (condition for condition in conditions if condition.type == "PodScheduled" and condition.status != "True"), None
    )
    if unscheduled:
        return f"not placed on any node{_said(unscheduled.message)}"
    return "running, but not ready" if pod.status and pod.status.phase == "Running" else "not started"


def _said(message: str | None) -> str:
    return f" ({_short(message)})" if message else ""


def _words(line: str) -> str:
    return f"; its last words: {_short(line)}" if line else "; it said nothing"


def _short(text: str) -> str:
    """One line, not too long: what containers print has no end."""
    return " ".join(text.split())[:LONGEST]
