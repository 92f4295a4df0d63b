"""What the tree promises about itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import typer.main

from tests.tree import TREE
from workbench.cli.main import app

LONGEST = 250
DOCUMENTS = (
    "README.md",
    "docs/design.md",
    "docs/lab.md",
    "docs/decisions.md",
    "docs/handover.md",
    "docs/kubernetes.md",
    "docs/pull-requests.md",
)


def _tracked(*patterns: str) -> list[Path]:
    command = ["git", "-C", str(TREE), "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.splitlines() if (path := TREE / name).is_file()]


def test_no_file_of_code_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(path.relative_to(TREE)): lines
        for path in _tracked("*.py", "*.go", "*.sh")
        if (lines := _lines(path)) > LONGEST
    }

    assert long == {}


def test_the_projects_lock_is_a_part_of_the_one_that_tests_have() -> None:
    project, whole = (_pins(f"requirements/{name}.txt") for name in ("project", "dev"))
    assert project <= whole


def _pins(name: str) -> set[str]:
    return {line.split()[0] for line in (TREE / name).read_text().splitlines() if "==" in line}


def test_lock_files_name_no_index() -> None:
    locks = _tracked("requirements/*.txt")

    assert len(locks) == 3
    assert [path.name for path in locks if "://" in path.read_text() or "index" in path.read_text()] == []
    assert all("--hash=sha256:" in path.read_text() for path in locks)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_verb_of_workbench_that_is_written_down_exists(document: str) -> None:
    known = _verbs()
    written = set(re.findall(r"\bworkbench ((?:[a-z]+)(?: [a-z]+)?)", (TREE / document).read_text()))

    assert {verbs for verbs in written if not _is_known(verbs, known)} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_between_documents_leads_somewhere(document: str) -> None:
    place = TREE / document
    links = re.findall(r"\]\(([^)#:]+)\)", place.read_text())

    assert [link for link in links if not (place.parent / link).exists()] == []


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def _verbs() -> dict[str, set[str]]:
    group = typer.main.get_command(app)
    commands = getattr(group, "commands", {})
    return {name: set(getattr(command, "commands", {})) for name, command in commands.items()}


def _is_known(written: str, known: dict[str, set[str]]) -> bool:
    first, _, second = written.partition(" ")
    return first in known and (not known[first] or not second or second in known[first])


def test_a_new_project_declares_the_same_configuration_as_this_one() -> None:
    template = TREE / "workbench" / "projects" / "templates" / "common" / "Pulumi.yaml"

    declared = [path.read_text().partition("config:\n")[2] for path in (TREE / "Pulumi.yaml", template)]

    assert declared[0]
    assert declared[0] == declared[1]


def test_every_test_that_the_page_on_security_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+\.py|test_\w+\.py)`", (TREE / "docs" / "security.md").read_text())
    there = {path.name for path in _tracked("tests/**.py")}

    assert len(named) > 30
    missing = [name for name in named if Path(name).name not in there or ("/" in name and not (TREE / name).is_file())]
    assert missing == []
