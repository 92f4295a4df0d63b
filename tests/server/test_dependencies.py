"""Files beside a score script: named by the manifest, verified, and importable without hiding what the server needs."""

import hashlib
import json
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from workbench.server.errors import StartError
from workbench.server.service import Service

SCRIPT = """\
import helper_of_a_test
import json

def init():
    json.loads("{}")

def run(input_df: list):
    return [helper_of_a_test.VALUE for _ in input_df]
"""


@pytest.fixture
def folder(make_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service whose script imports a module beside it, with one more that is named as one of Python's own."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    script = tmp_path / "importing.py"
    script.write_text(SCRIPT)
    made = make_folder(script)
    files = {"helper_of_a_test.py": "VALUE = 7\n", "queue.py": "raise RuntimeError('taken for the library')\n"}
    for name, text in files.items():
        (made / name).write_text(text)
    document = json.loads((made / "manifest.json").read_text())
    document["dependencies"] = [
        {"path": name, "sha256": hashlib.sha256(text.encode()).hexdigest(), "size": len(text)}
        for name, text in files.items()
    ]
    (made / "manifest.json").write_text(json.dumps(document))
    return made


def test_a_script_imports_what_lies_beside_it_and_nothing_of_pythons_is_hidden(
    folder: Path, load_folder: Callable[..., Service]
) -> None:
    load_folder(folder)
    assert sys.modules.pop("helper_of_a_test").VALUE == 7
    found = PathFinder.find_spec("queue")
    assert found
    assert not str(found.origin).startswith(str(folder))


def test_a_dependency_that_was_changed_stops_the_start(folder: Path, load_folder: Callable[..., Service]) -> None:
    (folder / "helper_of_a_test.py").write_text("VALUE = 8\n")
    with pytest.raises(StartError, match=r"helper_of_a_test\.py: its sha256 is"):
        load_folder(folder)
