"""Bodies that mean harm, or come from a broken client, over raw sockets to a real server: refused, and nothing else."""

import gzip
import json
from collections.abc import Callable

import pytest

from tests.server.serving import Running, say, statuses

pytestmark = pytest.mark.long

MIB = 1024 * 1024
LIMIT = 8 * MIB
EMPTY = b'{"input_df": []}'
# What is held of all refused bodies together, and what the worst one takes while it is looked at.
LEFT_MIB, WORST_MIB = 150, 600


def row(age: bytes = b"1", state: bytes = b'"WA"') -> bytes:
    return b'{"input_df": [{"age": %s, "state": %s}]}' % (age, state)


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \t\r\n",
    "a NUL": b"\x00",
    "truncated": EMPTY[:-1],
    "garbage behind": EMPTY + b"x",
    "a NUL behind": EMPTY + b"\x00",
    "two documents": EMPTY + EMPTY,
    "a comma too many": b'{"input_df": [],}',
    "a comment": b'{"input_df": [] /* rows */}',
    "single quotes": b"{'input_df': []}",
    "a byte order mark": b"\xef\xbb\xbf" + EMPTY,
    "UTF-16": EMPTY.decode().encode("utf-16"),
    "UTF-32": EMPTY.decode().encode("utf-32-le"),
    "a byte that is no UTF-8": row(state=b'"\xff"'),
    "an overlong form": row(state=b'"\xc0\x80"'),
    "a surrogate in UTF-8": row(state=b'"\xed\xa0\x80"'),
    "UTF-8 cut short": row(state=b'"\xe2\x82"'),
    "a lone surrogate": row(state=b'"\\ud800"'),
    "surrogates in the wrong order": row(state=b'"\\udc00\\ud800"'),
    "half an escape": row(state=b'"\\u00"'),
    "an escape that is none": row(state=b'"\\x41"'),
    "a raw newline in a text": row(state=b'"\n"'),
    "a control character in a text": row(state=b'"\x01"'),
    "a NUL in a text": row(state=b'"\x00"'),
    "NaN": row(b"NaN"),
    "Infinity": row(b"Infinity"),
    "-Infinity": row(b"-Infinity"),
    "1e999": row(b"1e999"),
    "a number of 400 digits": row(b"9" * 400),
    "a number of 10,000 digits": row(b"9" * 10_000),
    "a number of 10,000 digits in a list": row(b"[%s]" % (b"9" * 10_000)),
    "a leading zero": row(b"01"),
    "a hexadecimal number": row(b"0x1"),
    "a plus": row(b"+1"),
    "a bare point": row(b"1."),
    "a key twice": b'{"input_df": [], "input_df": []}',
    "a key twice, once escaped": b'{"input_df": [], "\\u0069nput_df": []}',
    "a column twice": b'{"input_df": [{"age": 1, "state": "WA", "age": 2}]}',
    "a column twice, once escaped": b'{"input_df": [{"age": 1, "state": "WA", "\\u0061ge": 2}]}',
    "a key twice deep inside": row(b'{"a": {"a": 1, "a": 2}}'),
    "100,000 lists deep": b"[" * 100_000,
    "100,000 lists deep and back": row(b"[" * 100_000 + b"]" * 100_000),
    "100,000 objects deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "1,000 deep": row(b"[" * 1000 + b"]" * 1000),
    "33 deep": row(b"[" * 33 + b"]" * 33),
    "a pickle": b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "YAML": b"input_df: !!python/object/apply:os.getpid []",
    "a form": b"input_df=%5B%5D",
    "gzip": gzip.compress(EMPTY),
}
UNFIT: dict[str, bytes] = {
    "a text": b'"input_df"',
    "null": b"null",
    "an empty object": b"{}",
    "rows by themselves": b'[{"age": 1, "state": "WA"}]',
    "rows that are none": b'{"input_df": [1, null, [], "row"]}',
    "null for rows": b'{"input_df": null}',
    "an unknown argument": b'{"input_df": [], "__class__": []}',
    "an unknown column": b'{"input_df": [{"age": 1, "state": "WA", "__proto__": {"a": 1}}]}',
    "an empty column": b'{"input_df": [{"age": 1, "state": "WA", "": 1}]}',
    "a number of 26 digits in a list": row(b"[99999999999999999999999999]"),
    "a text for a number": row(b'"1"'),
    "true for a number": row(b"true"),
    "null where none is allowed": row(b"null"),
    "10,001 rows": b'{"input_df": [%s]}' % b",".join([b'{"age":1,"state":"WA"}'] * 10_001),
    "a text too long": row(state=b'"%s"' % (b"x" * 10_001)),
    "a text too long by escapes": row(state=b'"%s"' % (b"\\u0041" * 10_001)),
}
# As large as a body may be; made when they are sent.
LARGE: dict[str, Callable[[], bytes]] = {
    "empty lists": lambda: b'{"input_df": [%s]}' % b",".join([b"[]"] * 2_600_000),
    "empty objects": lambda: b'{"input_df": [%s]}' % b",".join([b"{}"] * 2_600_000),
    "objects of one key": lambda: b'{"input_df": [%s]}' % b",".join([b'{"":0}'] * 1_100_000),
    "keys of a row": lambda: b'{"input_df": [{%s}]}' % b",".join(b'"%d":0' % number for number in range(700_000)),
    "arguments": lambda: b"{%s}" % b",".join(b'"%d":0' % number for number in range(700_000)),
    "numbers": lambda: b'{"input_df": [%s]}' % b",".join([b"1.5"] * 2_000_000),
    "numbers of 300 digits": lambda: row(b"[%s]" % b",".join([b"9" * 300] * 27_000)),
    "one text": lambda: row(state=b'"%s"' % (b"x" * (LIMIT - 100))),
    "one text of escapes": lambda: row(state=b'"%s"' % (b"\\u0041" * 1_390_000)),
    "one key": lambda: b'{"%s": 0}' % (b"x" * (LIMIT - 100)),
    "quotes and backslashes": lambda: b'"\\' * (LIMIT // 2),
    "brackets in an open text": lambda: b'"' + b"[" * (LIMIT - 1),
    "brackets in texts": lambda: b'{"input_df": [%s]}' % b",".join([b'"[["'] * 1_600_000),
    "blanks": lambda: b" " * LIMIT,
    "a bomb in gzip": lambda: gzip.compress(b" " * 100 * MIB),
}


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Running:
    return start_shared(body_seconds=30)


def post(running: Running, body: bytes, target: bytes = b"/score") -> tuple[int, bytes]:
    """The status and the body of the one answer."""
    head = b"POST %s HTTP/1.1\r\nhost: toy\r\nconnection: close\r\nauthorization: Bearer %s\r\n" % (
        target,
        running.key.encode(),
    )
    heard = say(running.port, head + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    (status,) = statuses(heard)
    return status, heard.partition(b"\r\n\r\n")[2]


def assert_well(running: Running) -> None:
    assert b"Healthy" in say(running.port, b"GET / HTTP/1.1\r\nhost: toy\r\nconnection: close\r\n\r\n")
    assert post(running, row()) == (200, b'[{"prediction":1.0,"weights":"heavy","model":"toy","version":7}]')
    assert running.errors() == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_json_is_refused(name: str, running: Running) -> None:
    status, answer = post(running, BROKEN[name])
    assert (status, json.loads(answer)["error"]["code"]) == (400, "bad_json")
    assert len(answer) < 1000
    assert_well(running)


@pytest.mark.parametrize("name", UNFIT)
def test_json_that_does_not_fit_is_refused_with_details(name: str, running: Running) -> None:
    status, answer = post(running, UNFIT[name])
    error = json.loads(answer)["error"]
    assert (status, error["code"]) == (400, "bad_input")
    assert 1 <= len(error["details"]) <= 20
    assert len(answer) < 20 * 500
    assert_well(running)


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_bodies_are_refused_within_memory(name: str, running: Running) -> None:
    body = LARGE[name]()
    assert LIMIT // 2 < len(body) <= LIMIT or name == "a bomb in gzip"
    status, answer = post(running, body)
    assert (status, json.loads(answer)["error"]["code"]) in ((400, "bad_json"), (400, "bad_input"))
    assert len(answer) < 20 * 500
    status, answer = post(running, body.replace(b'"input_df"', b'"inputs"', 1), b"/v2/models/toy/infer")
    assert (status, [*json.loads(answer)]) == (400, ["error"])
    assert len(answer) < 20 * 500
    assert running.memory("VmHWM") < WORST_MIB
    assert_well(running)


@pytest.mark.parametrize(("name", "times"), [("numbers", 6), ("one text", 40)])
def test_refused_bodies_leave_nothing_behind(name: str, times: int, running: Running) -> None:
    body = LARGE[name]()
    post(running, body)
    before = running.memory()
    for _ in range(times):
        assert post(running, body)[0] == 400
    assert running.memory() < before + LEFT_MIB
    assert_well(running)


@pytest.mark.parametrize("cut", range(len(row())))
def test_a_body_cut_anywhere_is_refused(cut: int, running: Running) -> None:
    assert post(running, row()[:cut])[0] == 400


@pytest.mark.parametrize("byte", [0x00, 0x1F, 0x22, 0x5C, 0x7B, 0x80, 0xC3, 0xFF])
def test_a_byte_put_anywhere_outside_of_texts_is_refused(byte: int, running: Running) -> None:
    for place in (0, 1, 12, 13, 14, 15, len(row()) - 1, len(row())):
        assert post(running, row()[:place] + bytes([byte]) + row()[place:])[0] == 400
    assert_well(running)
