"""A change of an environment: its stack's file is edited, then the same Pulumi program runs.

What Pulumi refuses before its first step leaves the file as it was. What fails later leaves the file as it was wanted:
`git diff` and `pulumi preview` tell what is open, and the old release goes on serving.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from workbench.core import atomic_files
from workbench.stacks.environments import environment, program
from workbench.stacks.environments.program import OnStep, ProgramError, UpdateResult

Edit = Callable[[Path], object]


def make(stack: str, edit: Edit, heard: OnStep, way_back: str = "") -> UpdateResult:
    """Edit the file and bring the environment up. Raises ProgramError, with `way_back` where the file stays changed."""
    path = environment.file(stack)
    before = path.read_bytes()
    edit(path)
    wanted = path.read_bytes()
    try:
        return program.up(stack, heard)
    except ProgramError as error:
        if error.began:
            error.add_note(_kept(path, stack, way_back) if wanted != before else f"next: pulumi up -s {stack}")
        elif wanted != before:
            error.add_note(_restored(path, before, wanted))
        raise


def foresee(stack: str, edit: Edit) -> UpdateResult:
    """What `make` would do, by a preview of an edited copy of the file. Raises ProgramError."""
    path = environment.file(stack)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        shutil.copyfile(path, copy)
        edit(copy)
        return program.preview(stack, lambda _: None, copy)


def _restored(path: Path, before: bytes, wanted: bytes) -> str:
    if path.read_bytes() != wanted:  # somebody else's edit is not ours to undo
        return f"{path.name} keeps the change; look at it with: git diff"
    atomic_files.write_file(path, before)
    return f"{path.name} is as it was"


def _kept(path: Path, stack: str, way_back: str) -> str:
    back = f"git checkout {path.name}, then: pulumi up -s {stack}"
    return f"{path.name} keeps what was wanted, and what served goes on serving; to go back: {way_back or back}"
