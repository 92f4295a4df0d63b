"""The quick way and the judge are two decoders of one language: what one takes, the other takes, as the same values."""

from random import Random
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.bodies import LIMITS, Writer, make_schema
from workbench.server import strict_json
from workbench.server.decoder import Decoder
from workbench.server.errors import RequestError
from workbench.server.schema import Schema, parse_schema
from workbench.server.validator import judge

pytestmark = pytest.mark.slow


class HandedOverError(Exception):
    """The body went on to the judge."""


def quickly(decoder: Decoder, body: bytes) -> dict[str, Any] | None:
    """What the quick way takes of a body; None if it hands it to the judge."""

    def hand_over(body: bytes) -> NoReturn:
        raise HandedOverError(body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_json, "decode", hand_over)
        try:
            return decoder.decode(body)
        except HandedOverError:
            return None


def judged(schema: Schema, body: bytes) -> dict[str, Any] | RequestError:
    try:
        return judge(schema, LIMITS, strict_json.decode(body))
    except RequestError as error:
        return error


def exact(value: object) -> object:
    """The value with the types of its parts, which == does not compare; -0.0 is 0.0 to every reader of numbers."""
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    return type(value), value


@settings(max_examples=1000, deadline=None)
@given(st.integers(min_value=0), st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_what_is_taken_quickly_the_judge_takes_as_the_same_values(seed: int, odds: float) -> None:
    random = Random(seed)  # noqa: S311 - these are no secrets
    schema = make_schema(random)
    decoder, writer = Decoder(schema, LIMITS), Writer(random, odds)
    for _ in range(10):
        body = writer.body(schema)
        taken, found = quickly(decoder, body), judged(schema, body)
        if taken is not None:
            assert exact(found) == exact(taken)
        if isinstance(found, RequestError):
            assert found.status == 400
            assert "\n" not in str(found)
            assert len(found.details) <= 20


def test_the_random_bodies_go_every_way() -> None:
    ways = {"quickly": 0, "taken by the judge": 0, "refused by the judge": 0, "no JSON": 0}
    for seed in range(2000):
        random = Random(seed)  # noqa: S311 - these are no secrets
        schema = make_schema(random)
        body = Writer(random, random.choice([0.0, 0.05])).body(schema)
        found = judged(schema, body)
        if quickly(Decoder(schema, LIMITS), body) is not None:
            ways["quickly"] += 1
        elif isinstance(found, dict):
            ways["taken by the judge"] += 1
        else:
            ways["refused by the judge" if found.details else "no JSON"] += 1
    assert all(count > 100 for count in ways.values()), ways


TABLE = parse_schema(
    {
        "input": {
            "df": {
                "type": 3,
                "swagger": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"n": {"type": "integer"}, "x": {"type": "number"}, "t": {"type": "string"}},
                    },
                },
            }
        }
    }
)


@pytest.mark.parametrize(
    "body",
    [
        b'{"df": [{"n": 1, "x": 1, "t": "a", "t": "b"}]}',
        b'{"df": [{"n": 1, "x": 1, "t": "a", "\\u0074": "b"}]}',
        b'{"df": [{"n": 1, "x": 1, "t": "a", "u": null}]}',
        b'{"df": [{"n": 1, "n": 1, "x": 1, "t": "a"}]}',
        b'{"df": [], "df": [{"n": 1, "x": 1, "t": "a"}]}',
        b'{"df": [], "": 0}',
        b'{"df": [{"n": 1e30, "x": 1, "t": "a"}]}',
        b'{"df": [{"n": [1000000000000000000000000000000], "x": 1, "t": "a"}]}',
    ],
)
def test_what_a_type_can_not_see_is_refused_all_the_same(body: bytes) -> None:
    with pytest.raises(RequestError):
        Decoder(TABLE, LIMITS).decode(body)


@pytest.mark.parametrize("numbers", [(b"3", b"3"), (b"3.0", b"3"), (b"3e0", b"3.0"), (b"3", b"30e-1")])
@pytest.mark.parametrize("text", [b"a", b"\\u0061"])
def test_a_number_has_its_columns_type_however_it_was_written(numbers: tuple[bytes, bytes], text: bytes) -> None:
    decoded = Decoder(TABLE, LIMITS).decode(b'{"df": [{"n": %s, "x": %s, "t": "%s"}]}' % (*numbers, text))
    assert exact(decoded) == exact({"df": [{"n": 3, "x": 3.0, "t": "a"}]})
