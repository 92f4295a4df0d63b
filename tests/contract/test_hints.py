"""What our messages tell people to run exists: verbs and options of `workbench`, targets of make."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from tests.tree import TREE
from workbench.cli import main

SOURCES = (
    "infra",
    "model",
    "workbench/cli",
    "workbench/clusters",
    "workbench/components",
    "workbench/core",
    "workbench/experiments",
    "workbench/policies",
    "workbench/projects",
    "workbench/registry",
    "workbench/stacks",
    "workbench/tables",
)
HOLE = "\x00"  # a value that a message fills in
COMMAND = re.compile(r"workbench ([a-z]+)([^;`()\n\"]*)")
# Where a command begins that people are told to run, not prose about the workbench.
TOLD = re.compile(r"(run|next|by|or|see|try|:|`) *:? *$")
TARGET = re.compile(r"(?:^make ([a-z-]+)$|(?:run:? |or: |&& |then: )`?make (?:-s )?([a-z-]+))")
FLAG = re.compile(r"(?<=\s)(-{1,2}[a-z][a-z-]*)")
ENDS = re.compile(r", or|: |\. | then")


def _messages() -> Iterator[tuple[str, str]]:
    """Place and text of each string in our sources, but for docstrings."""
    paths = [path for room in SOURCES for path in sorted((TREE / room).rglob("*.py")) if "templates" not in path.parts]
    for path in paths:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        parts |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            place = f"{path.relative_to(TREE)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                yield (
                    place,
                    "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values),
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                yield place, node.value


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words begin with, and the words behind it."""
    top: Any = typer.main.get_command(main.app)
    found = top.load(words[0])
    rest = words[1:]
    while hasattr(found, "commands") and rest and rest[0] in found.commands:
        found, rest = found.commands[rest[0]], rest[1:]
    return found, rest


def _unknown(verb: str, rest: str) -> list[str]:
    """What of a command is not there: a verb below it, or options."""
    command, behind = _command([verb, *ENDS.split(rest.strip())[0].split()])
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    if hasattr(command, "commands") and behind[:1] == [HOLE]:
        return []  # the message chooses the verb
    verbless = hasattr(command, "commands") and "--help" not in behind and bool(behind) and behind[0].isalpha()
    return [*behind[: int(verbless)], *(each for each in FLAG.findall(f" {' '.join(behind)}") if each not in options)]


def test_each_command_that_a_message_names_is_there_with_its_options() -> None:
    top: Any = typer.main.get_command(main.app)
    seen, wrong = 0, []
    for place, text in _messages():
        for match in COMMAND.finditer(text):
            verb, rest = match.groups()
            if verb in top.commands:
                seen += 1
                wrong += [f"{place}: workbench {verb}{rest}: {each}" for each in _unknown(verb, rest)]
            elif TOLD.search(text[: match.start()]):
                wrong.append(f"{place}: workbench {verb}")
    assert wrong == []
    assert seen > 40


@pytest.mark.parametrize("makefile", ["Makefile", "workbench/projects/templates/common/Makefile"])
def test_each_target_of_make_that_a_message_names_is_there_in_every_kind_of_project(makefile: str) -> None:
    included = TREE / "workbench" / "projects" / "templates" / "lab" / "train.mk"
    lines = "".join(path.read_text(encoding="utf-8") for path in (TREE / makefile, included))
    there = set(re.findall(r"^([a-z-]+):", lines, re.MULTILINE))
    named = {(place, one or two) for place, text in _messages() for one, two in TARGET.findall(text)}
    assert {target for _, target in named} >= {"engines", "spark"}
    assert [f"{place}: make {target}" for place, target in sorted(named) if target not in there] == []
