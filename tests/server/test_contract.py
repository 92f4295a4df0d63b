import json
from typing import Any

import pandas as pd
import pytest

from workbench.server.artifact import Model
from workbench.server.contract import check_content_type, model_headers, read_raw, write_error, write_result
from workbench.server.errors import STATUS, Code, Detail, RequestError

MODEL = Model("toy", 7)
STAMP = {"model": "toy", "version": 7}


def written(result: object, rows: int | None = 2, model: Model | None = MODEL) -> Any:
    return json.loads(write_result(result, rows, model))


def test_each_row_says_which_model_answered() -> None:
    assert written([{"prediction": 1}, {"prediction": 0}]) == [{"prediction": 1} | STAMP, {"prediction": 0} | STAMP]


@pytest.mark.parametrize(
    "result",
    [
        [{"model": "other", "version": 1}],
        [{"model": "saloon"}],
        [{"version": None, "prediction": 1}],
    ],
)
def test_what_a_row_itself_says_of_model_or_version_goes_out_as_run_returned_it(result: list[dict[str, Any]]) -> None:
    assert written(result, rows=1) == result


def test_one_row_that_says_its_own_model_keeps_all_rows_of_its_answer_alike() -> None:
    assert written([{"model": "saloon"}, {"a": 1}]) == [{"model": "saloon"}, {"a": 1}]


@pytest.mark.parametrize(
    "result", [[{"a": 1}], [1, 2], [{"a": 1}, 2], {"a": 1, "b": 2}, "[1, 2]", None, [{"a": 1}, {"a": 2}, {"a": 3}]]
)
def test_a_result_that_is_not_one_dict_a_row_goes_out_as_it_is(result: object) -> None:
    assert written(result) == result


def test_rows_of_a_frame_say_which_model_answered() -> None:
    assert written(pd.DataFrame({"p": [0.5, 1.5]})) == [{"p": 0.5} | STAMP, {"p": 1.5} | STAMP]


def test_the_headers_say_which_model_answered_whatever_its_name() -> None:
    assert model_headers(MODEL) == [(b"x-model", b"toy"), (b"x-model-version", b"7")]
    assert model_headers(Model("größer\r\nx: y", 1))[0] == (b"x-model", b"gr%C3%B6%C3%9Fer%0D%0Ax%3A%20y")
    assert model_headers(None) == []


def test_rows_are_left_alone_when_no_one_model_answers() -> None:
    assert written([{"a": 1}, {"a": 2}], model=None) == [{"a": 1}, {"a": 2}]
    assert written([{"a": 1}, {"a": 2}], rows=None) == [{"a": 1}, {"a": 2}]


def test_the_scripts_own_rows_are_not_changed() -> None:
    rows = [{"a": 1}]
    write_result(rows, 1, MODEL)
    assert rows == [{"a": 1}]


@pytest.mark.parametrize(
    "given", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_in_utf8_is_taken(given: str) -> None:
    check_content_type(given.encode())


@pytest.mark.parametrize(
    "given", [None, "", "text/json", "application/jsonp", "application/json; charset=latin-1", "application/x-pickle"]
)
def test_any_other_content_type_is_refused(given: str | None) -> None:
    with pytest.raises(RequestError) as refused:
        check_content_type(None if given is None else given.encode())
    assert refused.value.status == 415


def test_a_raw_body_must_be_utf8() -> None:
    assert read_raw("größer".encode()) == "größer"
    with pytest.raises(RequestError, match="the body is not UTF-8: byte 2 is wrong"):
        read_raw(b"gr\xf6\xdfer")


def test_every_code_has_a_status() -> None:
    assert STATUS.keys() == set(Code)


def test_an_error_tells_its_details_and_leaves_out_what_it_does_not_know() -> None:
    details = [Detail("maximum", "151 is above 150", row=2, column="age", value="151"), Detail("rows", "too many rows")]
    content = json.loads(write_error(RequestError(Code.BAD_INPUT, "wrong", details=details), "r-1"))
    assert content["error"]["details"] == [
        {"rule": "maximum", "message": "151 is above 150", "row": 2, "column": "age", "value": "151"},
        {"rule": "rows", "message": "too many rows"},
    ]
    assert json.loads(write_error(RequestError(Code.NOT_FOUND, "nothing"), "r-1"))["error"].keys() == {
        "code", "message", "request_id",
    }  # fmt: skip
