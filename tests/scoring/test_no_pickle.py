"""Old schema files carry a pickle in `internal`. It must stay text, whatever is in it."""

import base64
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

SCHEMA = Path(__file__).parent / "schemas" / "rows.json"


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self._file),)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.fixture
def trap(sprung: Path) -> bytes:
    return pickle.dumps(Trap(sprung))


def test_a_pickle_in_a_schema_is_never_executed(
    trap: bytes,
    sprung: Path,
    make_folder: Callable[..., Path],
    serve_folder: Callable[[Path], None],
    ask: Callable[..., httpx.Response],
    key: str,
) -> None:
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    document["input"]["input_df"]["internal"] = base64.b64encode(trap).decode()
    document["output"]["output_df"]["internal"] = base64.b64encode(trap).decode()
    serve_folder(make_folder(schema=json.dumps(document).encode()))
    headers = {"authorization": f"Bearer {key}"}
    assert ask("POST", "/score", json={"input_df": [{"age": 1, "state": "WA"}]}, headers=headers).status_code == 200
    assert "internal" not in ask("GET", "/swagger.json").text
    assert not sprung.exists()


def test_the_trap_is_a_live_one(trap: bytes, sprung: Path) -> None:
    subprocess.run([sys.executable, "-c", "import pickle, sys; pickle.load(sys.stdin.buffer)"], input=trap, check=True)
    assert sprung.exists()
