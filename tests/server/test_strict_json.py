import json

import pytest

from workbench.server.errors import Code, RequestError
from workbench.server.strict_json import DEEPEST, MOST_CONTAINERS, decode


def refusal(body: bytes) -> str:
    with pytest.raises(RequestError) as refused:
        decode(body)
    assert (refused.value.code, refused.value.status) == (Code.BAD_JSON, 400)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "value", [None, True, 0, -1.5, "größe\n\u2028😀", [], {}, {"a": [{"a": 1}, {"a": 1}]}, 10**300]
)
def test_json_is_decoded(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "body", [b"[1,]", b"{", b"", b"NaN", b"[Infinity]", b"'a'", b"01", b"1 2", b"\xef\xbb\xbf1", b'"\t"']
)
def test_what_is_no_json_is_refused_with_its_place(body: bytes) -> None:
    assert refusal(body).startswith("the body is not JSON: ")


@pytest.mark.parametrize("body", [b'"\xff"', b'"\xed\xa0\x80"', b'"\\ud800"', b'"\\udc00\\ud800"', b'{"\\ud800": 1}'])
def test_what_is_no_text_is_refused(body: bytes) -> None:
    assert refusal(body).startswith("the body is not JSON: ")


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 1}', b'{"a": 1, "\\u0061": 2}', b'[{"b": {"a": 1, "a": 1}}]'])
def test_a_key_stands_once(body: bytes) -> None:
    assert refusal(body) == "the key 'a' stands twice in one object"


def test_a_long_key_that_stands_twice_is_not_told_whole() -> None:
    assert len(refusal(b'{"%s": 1, "%s": 2}' % (b"x" * 10_000, b"x" * 10_000))) < 200


@pytest.mark.parametrize("number", [b"1e309", b"-1e999", b"9" * 310, b"9" * 5000])
def test_a_number_fits_a_double(number: bytes) -> None:
    refusal(b"[%s]" % number)


@pytest.mark.parametrize("piece", [(b"[", b"]"), (b'{"a":', b"}")])
def test_nothing_is_nested_deeper_than_it_may_be(piece: tuple[bytes, bytes]) -> None:
    opening, closing = piece
    decode(opening * DEEPEST + b"1" + closing * DEEPEST)
    for depth in (DEEPEST + 1, 500, 1000, 5000):
        refusal(opening * depth + b"1" + closing * depth)


def test_objects_and_lists_are_counted_outside_of_texts() -> None:
    few = b'["%s", "\\"%s"]' % (b"[" * MOST_CONTAINERS, b"{" * MOST_CONTAINERS)
    assert len(decode(few)) == 2
    assert len(decode(b"[%s]" % b",".join([b"{}"] * (MOST_CONTAINERS - 1)))) == MOST_CONTAINERS - 1
    assert refusal(b"[%s]" % b",".join([b"{}"] * MOST_CONTAINERS)) == (
        f"the body holds more than {MOST_CONTAINERS} objects and lists; send fewer at once"
    )
