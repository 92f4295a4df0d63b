"""decoding.py: time from the bytes of a request to checked rows, in microseconds, as one JSON object.

Each candidate takes the same body of 26 columns: nine texts, two of them of known categories, and bounded numbers.
"""

import json
import sys
import timeit
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import orjson
import pydantic
from typing_extensions import TypedDict

TEXTS = [f"text{number}" for number in range(9)]
NUMBERS = [f"number{number}" for number in range(17)]
ROW = dict.fromkeys(TEXTS, "Yes") | dict.fromkeys(NUMBERS, 12.5)
MOST = 1e6
REPEATS = 7


def checked_by_hand(body: bytes) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = orjson.loads(body)["input_df"]
    for row in rows:
        if row.keys() != ROW.keys():
            raise ValueError
        for name in TEXTS:
            if row[name] not in ("Yes", "No"):
                raise ValueError
        for name in NUMBERS:
            if not isinstance(value := row[name], (int, float)) or not 0 <= value <= MOST:
                raise ValueError
    return rows


def candidates() -> dict[str, Callable[[bytes], Any]]:
    text = Literal["Yes", "No"]
    msgspec_number = Annotated[float, msgspec.Meta(ge=0, le=MOST)]
    pydantic_number = Annotated[float, pydantic.Field(ge=0, le=MOST)]
    fields = dict.fromkeys(TEXTS, text) | dict.fromkeys(NUMBERS, msgspec_number)
    row = TypedDict("Row", fields)
    struct = msgspec.defstruct("Struct", list(fields.items()), forbid_unknown_fields=True)
    model = pydantic.create_model(
        "Model",
        __config__=pydantic.ConfigDict(extra="forbid"),
        **dict.fromkeys(TEXTS, (text, ...)),
        **dict.fromkeys(NUMBERS, (pydantic_number, ...)),
    )
    return {
        "json, unchecked": json.loads,
        "orjson, unchecked": orjson.loads,
        "msgspec, unchecked": msgspec.json.decode,
        "orjson, checked by hand": checked_by_hand,
        "msgspec to dicts, checked": msgspec.json.Decoder(TypedDict("B", {"input_df": list[row]})).decode,
        "msgspec to structs, checked": msgspec.json.Decoder(TypedDict("B", {"input_df": list[struct]})).decode,
        "pydantic to models, checked": pydantic.TypeAdapter(dict[str, list[model]]).validate_json,
    }


def main() -> None:
    measured: dict[str, dict[str, float]] = {name: {} for name in candidates()}
    for rows, calls in ((1, 5000), (100, 100)):
        body = orjson.dumps({"input_df": [ROW] * rows})
        for name, decode in candidates().items():
            times = timeit.repeat(lambda decode=decode, body=body: decode(body), number=calls, repeat=REPEATS)
            measured[name][f"{rows} rows"] = round(min(times) / calls * 1e6, 1)
    json.dump(measured, sys.stdout)


if __name__ == "__main__":
    main()
