"""Schema files as the retired tool wrote them, a pickle in every part: read, served and scored, and none unpickled."""

import base64
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.traps import Trap
from workbench.server.schema import parse_schema

FILES = sorted((Path(__file__).parent / "old_schemas").glob("*.json"))
# What callers send where the file holds no example.
BODIES: dict[str, dict[str, Any]] = {"without_examples": {"flags": [True, False], "count": 3}}
SCRIPT = """
def init():
    pass


def run({arguments}):
    return {{name: plain(value) for name, value in locals().items()}}


def plain(value):
    for method, rest in (("to_dict", ["records"]), ("tolist", [])):
        if hasattr(value, method):
            return getattr(value, method)(*rest)
    return value
"""


def trapped(document: dict[str, Any], payload: bytes) -> dict[str, Any]:
    """The schema with the payload in every `internal`."""
    parts = [part for half in document.values() for part in half.values()]
    for part in parts:
        part["internal"] = base64.b64encode(payload).decode()
    return document


def body_of(file: Path, document: dict[str, Any]) -> dict[str, Any]:
    parts = document["input"].items()
    return BODIES.get(file.stem) or {name: part["swagger"]["example"] for name, part in parts}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_old_file_is_served_and_its_pickles_stay_text(
    file: Path,
    tmp_path: Path,
    make_folder: Callable[..., Path],
    serve_folder: Callable[..., None],
    ask: Callable[..., httpx.Response],
    key: str,
) -> None:
    marker = tmp_path / "executed"
    document = trapped(json.loads(file.read_text(encoding="utf-8")), pickle.dumps(Trap(marker)))
    script = tmp_path / "old_score.py"
    script.write_text(SCRIPT.format(arguments=", ".join(document["input"])), encoding="utf-8")
    serve_folder(make_folder(script, json.dumps(document).encode()))
    body = body_of(file, document)
    headers = {"authorization": f"Bearer {key}"}

    answer = ask("POST", "/score", json=body, headers=headers)

    # The files' own sign for a missing value is one.
    assert answer.json() == json.loads(json.dumps(body).replace('"\\\\N"', "null"))
    assert ask("POST", "/score", json=body | {"one_more": 1}, headers=headers).status_code == 400
    for path in ("/swagger.json", "/openapi.json", "/v2/models/toy"):
        described = ask("GET", path, headers=headers)
        assert described.status_code == 200
        assert "internal" not in described.text
    assert not marker.exists()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_old_file_loses_nothing_but_its_pickles(file: Path, tmp_path: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    whole = parse_schema(document)
    assert whole == parse_schema(trapped(document, pickle.dumps(Trap(tmp_path / "executed"))))
    assert list(whole.names) == list(document["input"])
    assert [argument.type for argument in whole.arguments] == [part["type"] for part in document["input"].values()]
    assert all(argument.columns is not None or argument.item is not None for argument in whole.arguments)


def test_there_are_files_of_all_types_and_each_holds_pickles() -> None:
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in FILES]
    parts = [part for document in documents for half in document.values() for part in half.values()]
    assert len(FILES) == 10
    assert {part["type"] for part in parts} == {0, 1, 2, 3}
    assert {type(pickle.loads(base64.b64decode(part["internal"]))) for part in parts} == {dict}  # noqa: S301 - our own files, and what is proven is that they are pickles


def test_whoever_unpickles_the_payload_runs_it(tmp_path: Path) -> None:
    marker = tmp_path / "elsewhere" / "executed"
    marker.parent.mkdir()
    unpickle = "import base64, pickle, sys; pickle.loads(base64.b64decode(sys.stdin.buffer.read()))"
    payload = trapped(json.loads(FILES[0].read_text(encoding="utf-8")), pickle.dumps(Trap(marker)))
    internal = payload["input"]["input_df"]["internal"].encode()
    subprocess.run([sys.executable, "-c", unpickle], input=internal, check=True)
    assert marker.exists()
