import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scoring.errors import Code, RequestError
from scoring.keys import Keys

Write = Callable[[str, str], None]


def bearer(key: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {key}".encode())]


def refusal(keys: Keys, headers: list[tuple[bytes, bytes]]) -> Code:
    with pytest.raises(RequestError) as refused:
        keys.admit(headers)
    return refused.value.code


def test_both_keys_are_admitted(keys_file: Path, write_keys: Write) -> None:
    write_keys("one", "two")
    keys = Keys(keys_file)
    keys.admit(bearer("one"))
    keys.admit([(b"accept", b"*/*"), (b"authorization", b"bearer two")])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        bearer("three"),
        bearer(""),
        [(b"authorization", b"one")],
        [(b"authorization", b"Basic one")],
        [(b"authorization", b"Bearer")],
        bearer("one") + bearer("one"),
        [(b"authorization", b"Bearer \xff\xfe")],
    ],
)
def test_anything_but_one_right_bearer_key_is_unauthorized(
    headers: list[tuple[bytes, bytes]], keys_file: Path, write_keys: Write
) -> None:
    write_keys("one", "two")
    assert refusal(Keys(keys_file), headers) is Code.UNAUTHORIZED


def test_the_hash_of_a_key_is_not_a_key(keys_file: Path, write_keys: Write) -> None:
    write_keys("one", "two")
    assert refusal(Keys(keys_file), bearer(json.loads(keys_file.read_text())["primary"])) is Code.UNAUTHORIZED


def test_a_turned_key_is_admitted_and_the_old_one_is_not(keys_file: Path, write_keys: Write) -> None:
    write_keys("old", "two")
    keys = Keys(keys_file)
    keys.admit(bearer("old"))
    write_keys("new", "two")
    keys.admit(bearer("new"))
    keys.admit(bearer("two"))
    assert refusal(keys, bearer("old")) is Code.UNAUTHORIZED


def test_a_file_written_in_place_with_its_old_mtime_is_noticed(keys_file: Path, write_keys: Write) -> None:
    write_keys("old", "two")
    keys = Keys(keys_file)
    keys.admit(bearer("old"))
    before = keys_file.stat()
    keys_file.write_text(keys_file.read_text().replace("0", "1"))
    os.utime(keys_file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert refusal(keys, bearer("old")) is Code.UNAUTHORIZED


def test_a_removed_file_denies_everybody_until_it_is_back(keys_file: Path, write_keys: Write) -> None:
    write_keys("one", "two")
    keys = Keys(keys_file)
    keys.admit(bearer("one"))
    keys_file.unlink()
    assert refusal(keys, bearer("one")) is Code.KEYS_UNUSABLE
    assert not keys.usable()
    write_keys("one", "two")
    keys.admit(bearer("one"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"primary": "", "secondary": ""}',
        b'{"primary": null, "secondary": null}',
        json.dumps({"primary": "0" * 64}).encode(),
        json.dumps({"primary": "0" * 64, "secondary": "A" * 64}).encode(),
        json.dumps({"primary": "0" * 64, "secondary": "0" * 64, "third": "0" * 64}).encode(),
    ],
)
def test_a_broken_file_denies_everybody_with_one_line_that_shows_none_of_it(
    content: bytes, keys_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys_file.write_bytes(content)
    keys = Keys(keys_file)
    assert refusal(keys, bearer("")) is Code.KEYS_UNUSABLE
    assert refusal(keys, bearer("one")) is Code.KEYS_UNUSABLE
    assert [record.message for record in caplog.records] == ["keys_unusable"]
    assert "000" not in str(vars(caplog.records[0])["fields"])
