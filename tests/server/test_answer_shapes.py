"""Every shape that a script answers: served, described as it is, by both ways of calling it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from workbench.registry.schemas.generating import schema
from workbench.server import openapi, swagger
from workbench.server.errors import ScriptError
from workbench.server.service import Service

STAMP = {"model": "toy", "version": 7}
HEAD = "import datetime, numpy as np, pandas as pd\ndef init(): pass\n"
ROWS = pd.DataFrame({"age": [30, 40], "state": ["WA", "CA"]})
SAMPLES: dict[str, Any] = {"rows": ROWS}
SENT: dict[str, Any] = {"rows": ROWS.to_dict("records")}
TWO: dict[str, Any] = {"factor": 2.5, "rows": ROWS}
TWO_SENT: dict[str, Any] = {"factor": 2.5, **SENT}
ARRAY: dict[str, Any] = {"array": np.array([[1.5, 2.0], [3.0, 4.0]])}
ARRAY_SENT: dict[str, Any] = {"array": [[1.5, 2.0], [3.0, 4.0]]}

# What run takes; its body; a sample of what it gives; what is sent; the answer.
SHAPES: dict[str, tuple[dict[str, Any], str, Any, dict[str, Any], Any]] = {
    "a list": (SAMPLES, "[6.48, 15.5]", [6.48, 15.5], SENT, [6.48, 15.5]),
    "a list of texts": (SAMPLES, "np.array(['a', 'b'])", np.array(["a"]), SENT, ["a", "b"]),
    "a text": (SAMPLES, "'well'", "well", SENT, "well"),
    "a number": (SAMPLES, "np.float32(0.5)", 0.5, SENT, 0.5),
    "a number that is none": (SAMPLES, "float('nan')", 0.5, SENT, None),
    "a whole number": (SAMPLES, "len(rows)", 2, SENT, 2),
    "a truth": (SAMPLES, "np.bool_(True)", True, SENT, True),
    "nothing": (SAMPLES, "None", None, SENT, None),
    "an object": (SAMPLES, "{'mean': np.float64(1.5), 'n': 2}", {"mean": 1.5, "n": 2}, SENT, {"mean": 1.5, "n": 2}),
    "an object by numbers": (SAMPLES, "{0: 0.5, 1: 1.5}", {"0": 0.5, "1": 0.5}, SENT, {"0": 0.5, "1": 1.5}),
    "an object a row": (
        SAMPLES,
        "[{'p': 1.5}, {'p': np.nan}]",
        [{"p": 0.5}],
        SENT,
        [{"p": 1.5} | STAMP, {"p": None} | STAMP],
    ),
    "a row's own model": (
        SAMPLES,
        "[{'model': 'T', 'version': 'x'}] * 2",
        [{"model": "T", "version": "x"}],
        SENT,
        [{"model": "T", "version": "x"}] * 2,
    ),
    "a frame": (
        SAMPLES,
        "pd.DataFrame({'p': [0.5, 1]})",
        pd.DataFrame({"p": [0.5]}),
        SENT,
        [{"p": 0.5} | STAMP, {"p": 1.0} | STAMP],
    ),
    "a series": (SAMPLES, "pd.Series([0.5, 1.5])", np.array([0.5]), SENT, [0.5, 1.5]),
    "dates": (SAMPLES, "pd.to_datetime(['2020-01-01', None])", ["x", None], SENT, ["2020-01-01T00:00:00", None]),
    "two arguments": (TWO, "[row['age'] * factor for row in rows.to_dict('records')]", [0.5], TWO_SENT, [75.0, 100.0]),
    "an array": (ARRAY, "array.sum(axis=1)", np.array([0.5]), ARRAY_SENT, [3.5, 7.0]),
    "a matrix": (ARRAY, "array.T", np.array([[0.5]]), ARRAY_SENT, [[1.5, 3.0], [2.0, 4.0]]),
}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str, Any, dict[str, Any], Any]:
    return SHAPES[request.param]


@pytest.fixture
def service(
    shape: tuple[dict[str, Any], str, Any, dict[str, Any], Any],
    make_folder: Callable[..., Path],
    load_folder: Callable[..., Service],
    tmp_path: Path,
) -> Service:
    inputs, body, sample, _, _ = shape
    return load_folder(make_folder(write(tmp_path, inputs, body), document(inputs, sample)))


def write(folder: Path, inputs: dict[str, Any], body: str) -> Path:
    script = folder / "written.py"
    script.write_text(f"{HEAD}def run({', '.join(inputs)}):\n    return {body}\n", encoding="utf-8")
    return script


def document(inputs: dict[str, Any], sample: Any) -> bytes:
    return json.dumps(schema(list(inputs), inputs, {"answer": sample}, where="run")).encode()


def answered(ask: Callable[..., httpx.Response], key: str, sent: dict[str, Any]) -> httpx.Response:
    return ask("POST", "/score", headers={"authorization": f"Bearer {key}"}, json=sent)


def test_every_shape_is_answered_and_says_which_model_did(
    shape: Any, service: Service, ask: Callable[..., httpx.Response], lifecycle: Any, key: str
) -> None:
    lifecycle.ready(service)
    answer = answered(ask, key, shape[3])
    assert (answer.status_code, answer.json()) == (200, shape[4])
    assert (answer.headers["x-model"], answer.headers["x-model-version"]) == ("toy", "7")


def test_every_shape_fits_its_description(shape: Any, service: Service) -> None:
    described = openapi.describe(service)
    OpenAPIV31SpecValidator(described).validate()
    output = described["components"]["schemas"]["ServiceOutput"]
    assert list(Draft202012Validator(output).iter_errors(shape[4])) == []
    headers = described["paths"]["/score"]["post"]["responses"]["200"]["headers"]
    assert list(headers) == ["x-model", "x-model-version"]


def test_every_shape_fits_what_callers_of_the_lab_read(shape: Any, service: Service) -> None:
    described = swagger.describe(service)
    nullable = json.loads(json.dumps(described["definitions"]["ServiceOutput"]), object_hook=in_draft_4)
    assert list(Draft4Validator(nullable).iter_errors(shape[4])) == []
    assert list(described["paths"]["/score"]["post"]["responses"]["200"]["headers"]) == ["x-model", "x-model-version"]


def in_draft_4(part: dict[str, Any]) -> dict[str, Any]:
    return part | {"type": [part["type"], "null"]} if part.get("x-nullable") and "type" in part else part


def test_rows_that_the_schema_gives_a_model_of_their_own_are_described_as_the_scripts(
    make_folder: Callable[..., Path], load_folder: Callable[..., Service], tmp_path: Path
) -> None:
    inputs, body, sample, _, _ = SHAPES["a row's own model"]
    service = load_folder(make_folder(write(tmp_path, inputs, body), document(inputs, sample)))
    assert swagger.service_output(service)["items"]["properties"] == {
        "model": {"type": "string"},
        "version": {"type": "string"},
    }


@pytest.mark.parametrize("answer", ["object()", "1j", "[b'\\xff']", "{1: 1, '1': 2}"])
def test_an_answer_that_json_can_not_hold_is_refused_at_the_start(
    answer: str, make_folder: Callable[..., Path], load_folder: Callable[..., Service], tmp_path: Path
) -> None:
    with pytest.raises(ScriptError, match=r"^run\(\) failed on the schema's own example: "):
        load_folder(make_folder(write(tmp_path, SAMPLES, answer), document(SAMPLES, [1])))
