"""A pickle wherever a file of the image is read: it must stay bytes, whatever is in it."""

import base64
import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.serving import SCHEMA
from tests.server.traps import Trap
from tests.waiting import patience

pytestmark = pytest.mark.slow

CHURN_SCRIPT = Path(__file__).parents[2] / "scoring" / "score.py"
COLUMNS = {"age": {"type": "number"}, "state": {"type": "string"}}
SIGNATURE = {
    "tensor": "features",
    "classes": [0, 1],
    "positive": 1,
    "inputs": [{"name": "state", "type": "string", "categories": ["WA"]}, {"name": "age", "type": "number"}],
    "outputs": {"label": "label", "probabilities": "probabilities"},
}

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.fixture(params=[0, pickle.HIGHEST_PROTOCOL])
def trap(sprung: Path, request: pytest.FixtureRequest) -> bytes:
    """A payload in the oldest protocol, which is text, and in the newest, which has frames."""
    return pickle.dumps(Trap(sprung), protocol=request.param)


@pytest.fixture
def folder(make_folder: Callable[..., Path]) -> Path:
    """A service of the churn script, whose model and signature are not written yet."""
    table = {"type": "array", "items": {"type": "object", "properties": COLUMNS}}
    made = make_folder(CHURN_SCRIPT, json.dumps({"input": {"input_df": {"type": 3, "swagger": table}}}).encode())
    shutil.rmtree(made / "models")
    return made


def pin(folder: Path, **files: bytes) -> None:
    """Write the files of the model and pin all in the manifest, as a build would."""
    place = folder / "models" / "churn"
    place.mkdir(parents=True)
    pinned = []
    for name, content in files.items():
        path = place / name.replace("_", ".")
        path.write_bytes(content)
        pinned.append({"path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)})
    rewrite(folder, models=[{"name": "churn", "version": 1, "digest": "sha256:" + 64 * "0", "files": pinned}])


def pin_schema(folder: Path, content: bytes) -> None:
    (folder / "service_schema.json").write_bytes(content)
    rewrite(folder, schema={"path": "service_schema.json", "sha256": hashlib.sha256(content).hexdigest()})


def rewrite(folder: Path, **changed: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | changed), encoding="utf-8")


def assert_refused(process: subprocess.Popen[bytes], log: list[dict[str, Any]], says: str) -> None:
    """The process ended with 1, and the last line says why in one sentence."""
    assert process.returncode == 1
    assert log[-1]["event"] == "start_failed"
    assert says in log[-1]["message"]
    assert "\n" not in log[-1]["message"]
    assert len(log[-1]["message"]) < 600


@pytest.mark.parametrize("place", ["model.onnx", "signature.json"])
def test_a_pickle_for_a_model_or_its_signature_fails_the_start(
    place: str,
    trap: bytes,
    sprung: Path,
    folder: Path,
    start_process: Start,
    read_log: Callable[[], list[dict[str, Any]]],
) -> None:
    files = {"model_onnx": b"", "signature_json": json.dumps(SIGNATURE).encode()} | {place.replace(".", "_"): trap}
    pin(folder, **files)
    process = start_process(folder)
    process.wait(timeout=patience())
    assert_refused(process, read_log(), "score.py: init() failed: ")
    assert not sprung.exists()


@pytest.mark.parametrize("place", ["manifest.json", "service_schema.json"])
def test_a_pickle_for_a_file_of_ours_fails_the_start_by_its_name(
    place: str,
    trap: bytes,
    sprung: Path,
    make_folder: Callable[..., Path],
    start_process: Start,
    read_log: Callable[[], list[dict[str, Any]]],
) -> None:
    made = make_folder()
    (made / place).write_bytes(trap)
    if place == "service_schema.json":
        pin_schema(made, trap)
    process = start_process(made)
    process.wait(timeout=patience())
    assert_refused(process, read_log(), f"{place}: ")
    assert not sprung.exists()


def test_a_pickle_for_the_keys_denies_everybody(
    trap: bytes,
    sprung: Path,
    make_folder: Callable[..., Path],
    start_server: Start,
    keys_file: Path,
    port: int,
    key: str,
) -> None:
    start_server(make_folder())
    keys_file.with_suffix(".new").write_bytes(trap)
    keys_file.with_suffix(".new").rename(keys_file)
    answer = httpx.get(f"http://127.0.0.1:{port}/")
    while answer.text == "Healthy":
        answer = httpx.get(f"http://127.0.0.1:{port}/")
    assert (answer.status_code, answer.text) == (503, "No usable keys")
    headers = {"authorization": f"Bearer {key}"}
    assert httpx.post(f"http://127.0.0.1:{port}/score", json={"input_df": []}, headers=headers).status_code == 503
    assert not sprung.exists()


def test_pickles_that_nobody_reads_lie_there_unread(
    trap: bytes, sprung: Path, make_folder: Callable[..., Path], start_server: Start, port: int, key: str
) -> None:
    made = make_folder()
    document = json.loads(SCHEMA)
    for half in document.values():
        for part in half.values():
            part["internal"] = base64.b64encode(trap).decode()
    pin_schema(made, json.dumps(document).encode())
    for place in (
        "requirements.txt",
        "models/toy/model.pkl",
        "score.pyc",
        "__pycache__/score.cpython-311.pyc",
        "toy.npy",
    ):
        (made / place).parent.mkdir(exist_ok=True)
        (made / place).write_bytes(trap)
    start_server(made)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    url = f"http://127.0.0.1:{port}"
    row = {"input_df": [{"age": 1, "state": "WA"}]}
    assert httpx.post(f"{url}/score", json=row, headers=headers).json()[0]["prediction"] == 1
    assert httpx.post(f"{url}/score", content=trap, headers=headers).status_code == 400
    assert httpx.post(f"{url}/v2/models/toy/infer", content=trap, headers=headers).status_code == 400
    assert "internal" not in httpx.get(f"{url}/swagger.json").text
    assert not sprung.exists()


def test_a_pickle_for_weights_is_the_scripts_own_affair_and_refused_to_it(
    trap: bytes,
    sprung: Path,
    tmp_path: Path,
    make_folder: Callable[..., Path],
    start_process: Start,
    read_log: Callable[[], list[dict[str, Any]]],
) -> None:
    script = tmp_path / "unpickles.py"
    script.write_text(
        "import pickle\nfrom pathlib import Path\n\n\ndef init():\n"
        "    pickle.loads(Path('models/churn/weights').read_bytes())\n\n\ndef run(input_df):\n    return input_df\n"
    )
    made = make_folder(script)
    shutil.rmtree(made / "models")
    pin(made, weights=trap)
    process = start_process(made)
    process.wait(timeout=patience())
    assert_refused(process, read_log(), "unpickling of")
    assert not sprung.exists()


def test_the_trap_is_a_live_one(trap: bytes, sprung: Path) -> None:
    subprocess.run([sys.executable, "-c", "import pickle, sys; pickle.load(sys.stdin.buffer)"], input=trap, check=True)
    assert sprung.exists()
