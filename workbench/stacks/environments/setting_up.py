"""Making an environment, and taking one down with all that it has."""

from collections.abc import Callable

from workbench.core import atomic_files, home
from workbench.core.counting import counted
from workbench.stacks.environments import images, program
from workbench.stacks.environments.program import OnStep, ProgramError
from workbench.stacks.services import service

Say = Callable[[str], None]


def set_up(name: str, text: str, say: Say) -> None:
    """Write the stack's file unless it is there, make the stack unless there is one, and bring it up.

    What Pulumi refuses before its first step leaves nothing behind. Raises ProgramError.
    """
    path = home.stack_file(name)
    wrote = atomic_files.create_file(path, text.encode())
    made = False
    try:
        made = program.create(name)
        say(f"stack {name} {'is made' if made else 'is there already'}, its file is {path.name}")
        told = program.up(name, _heard(say))
    except ProgramError as error:
        if error.began:
            error.add_note(f"repeat it, or take back what is there: workbench env delete -n {name}")
        else:
            if made:
                program.remove(name)
            if wrote:
                path.unlink(missing_ok=True)
        raise
    steps, unchanged = counted(len(told.steps), "step"), counted(told.unchanged, "resource unchanged")
    say(f"{name}: {steps}, {unchanged}, {told.seconds} s")


def take_down(name: str, say: Say) -> None:
    """Destroy what the stack has, remove it, its file, and its images on the engine. Raises ProgramError."""
    path = home.stack_file(name)
    there = name in program.known()
    kept = images.tags(name, service.prefix(name) if there else f"{home.project_name()}-{name}")
    if there:
        program.destroy(name, _heard(say))
        program.remove(name)
    path.unlink(missing_ok=True)
    images.remove(kept)


def _heard(say: Say) -> OnStep:
    return lambda step: say(f"  {step.doing} {step.what}")
