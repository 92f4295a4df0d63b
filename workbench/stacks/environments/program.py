"""The project's Pulumi program on one stack, run by the Automation API. The only module of model/ that imports pulumi.

It selects no stack: which one `pulumi` works on by itself is the user's own choice. Edits no file.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core import home, loopback
from workbench.core.counting import counted
from workbench.core.errors import EnvironmentsError
from workbench.stacks.environments.steps import Step, last_words, step
from workbench.stacks.services import pulumi_words

if TYPE_CHECKING:
    from pulumi import automation
    from pulumi.automation.events import EngineEvent

OnStep = Callable[[Step], None]


class ProgramError(EnvironmentsError):
    """Pulumi could not do what was asked; `began` tells whether it had begun to change something."""

    def __init__(self, message: str, *, began: bool) -> None:
        super().__init__(message)
        self.began = began


@dataclass
class UpdateResult:
    """What Pulumi told while it ran: the steps that change something, what went wrong, and how long it took."""

    heard: OnStep
    steps: list[Step] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: int = 0
    unchanged: int = 0
    declared: int = 0

    def listen(self, event: EngineEvent) -> None:
        """Take one event. Diagnoses for developers may hold secrets and are not kept."""
        if (diagnosis := event.diagnostic_event) and diagnosis.severity == "error":
            self.wrong.append(last_words(diagnosis.message))
        if event.resource_pre_event:
            meta = event.resource_pre_event.metadata
            taken = step(meta.op.value, meta.type, meta.urn)
            if taken.doing:
                self.steps.append(taken)
                self.heard(taken)
        if summary := event.summary_event:
            self.seconds = summary.duration_seconds
            self.unchanged = sum(count for op, count in summary.resource_changes.items() if op == "same")
            self.declared = sum(count for op, count in summary.resource_changes.items() if op != "delete")

    def reason(self, said: str) -> str:
        """Why it failed: the first thing that went wrong, else what Pulumi said."""
        found = [line for line in self.wrong if line and line != "update failed"]
        return pulumi_words.plain(found[0]) if found else pulumi_words.reason(said) or "pulumi failed without a word"


def up(stack: str, heard: OnStep) -> UpdateResult:
    """Make the environment what its file says. Raises ProgramError with the reason."""
    return _whole(
        stack,
        _run(stack, heard, lambda found, told: found.up(on_event=told.listen, suppress_outputs=True, color="never")),
    )


def preview(stack: str, heard: OnStep, config_file: Path | None = None) -> UpdateResult:
    """What `up` would do, with another file in the place of the stack's own if one is given. Raises ProgramError."""
    config = str(config_file) if config_file else None
    return _whole(
        stack,
        _run(stack, heard, lambda found, told: found.preview(on_event=told.listen, config_file=config, color="never")),
    )


def destroy(stack: str, heard: OnStep) -> UpdateResult:
    """Remove all that the environment has. Raises ProgramError."""
    return _run(
        stack, heard, lambda found, told: found.destroy(on_event=told.listen, suppress_outputs=True, color="never")
    )


def create(stack: str) -> bool:
    """Make a stack without resources. False when there is one. Raises ProgramError."""
    from pulumi.automation import StackAlreadyExistsError

    try:
        _workspace().create_stack(stack)
    except StackAlreadyExistsError:
        return False
    except _failures() as error:
        raise _error(stack, error, UpdateResult(lambda _: None)) from error
    return True


def remove(stack: str) -> None:
    """Remove a stack without resources, and its file. Raises ProgramError."""
    try:
        _workspace().remove_stack(stack)
    except _failures() as error:
        raise _error(stack, error, UpdateResult(lambda _: None)) from error


def known() -> dict[str, str]:
    """The project's stacks in the backend by name, each with a word on its state. Raises ProgramError."""
    try:
        return {stack.name: _state(stack) for stack in _workspace().list_stacks()}
    except _failures() as error:
        raise _error("", error, UpdateResult(lambda _: None)) from error


def backend() -> str:
    """Where states lie, as Pulumi tells it. Raises ProgramError."""
    try:
        return str(_workspace().who_am_i().url)
    except _failures() as error:
        raise _error("", error, UpdateResult(lambda _: None)) from error


def _state(summary: automation.StackSummary) -> str:
    if summary.update_in_progress:
        return "updating"
    return counted(summary.resource_count, "resource") if summary.resource_count else "empty"


def _run(stack: str, heard: OnStep, work: Callable[[automation.Stack, UpdateResult], Any]) -> UpdateResult:
    from pulumi import automation

    told = UpdateResult(heard)
    try:
        work(automation.Stack.select(stack, _workspace()), told)
    except _failures() as error:
        raise _error(stack, error, told) from error
    except RuntimeError as error:  # its word for a preview that told no end
        raise ProgramError(
            f"stack {stack}: pulumi told no end ({error}); run pulumi preview to see all", began=False
        ) from error
    return told


def _whole(stack: str, told: UpdateResult) -> UpdateResult:
    """Raises ProgramError for an end without an error of a program that declared nothing: that is no plan."""
    if not told.declared:
        raise ProgramError(
            f"stack {stack}: the project's program ended before it had declared anything; run pulumi preview to see "
            "all it says",
            began=bool(told.steps),
        )
    return told


def _workspace() -> automation.LocalWorkspace:
    from pulumi import automation

    class Workspace(automation.LocalWorkspace):
        """The project's folder, without the habit of selecting each stack that is worked on."""

        def select_stack(self, stack_name: str) -> None:
            """Select nothing: each command names its stack."""

        def create_stack(self, stack_name: str) -> None:
            """Create and don't select."""
            self.pulumi_command.run(["stack", "init", stack_name, "--no-select"], self.work_dir, {})

    try:
        return Workspace(work_dir=str(home.project()), env_vars=loopback.variables())
    except (FileNotFoundError, PermissionError) as error:
        raise ProgramError(
            'pulumi is not on PATH; run: make engines, then: eval "$(make -s env)"', began=False
        ) from error


def _failures() -> tuple[type[Exception], ...]:
    from pulumi.automation import CommandError, InvalidVersionError

    return CommandError, InvalidVersionError, subprocess.CalledProcessError


def _error(stack: str, error: Exception, told: UpdateResult) -> ProgramError:
    from pulumi.automation import ConcurrentUpdateError, StackNotFoundError

    place = f"stack {stack}: " if stack else ""
    if isinstance(error, StackNotFoundError):
        reason = f"there is none in the backend; run: workbench env setup -n {stack}"
    elif isinstance(error, ConcurrentUpdateError):
        reason = f"another update holds it; wait for that one, or, if it died: pulumi cancel -s {stack}"
    else:
        reason = told.reason(str(error))
    return ProgramError(f"{place}{reason}", began=bool(told.steps))
