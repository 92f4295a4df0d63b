import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.server.errors import Code, RequestError
from workbench.server.keys import Keys

Write = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the file for every request, as a server does a quarter of a second later."""
    monkeypatch.setattr("workbench.server.keys.FRESH_SECONDS", 0.0)


def bearer(key: str) -> bytes:
    return f"Bearer {key}".encode()


def refusal(keys: Keys, authorization: bytes | None) -> Code:
    with pytest.raises(RequestError) as refused:
        keys.admit(authorization)
    return refused.value.code


def test_both_keys_are_admitted(keys_file: Path, write_keys: Write) -> None:
    write_keys("one", "two")
    keys = Keys(keys_file)
    keys.admit(bearer("one"))
    keys.admit(b"bearer two")


@pytest.mark.parametrize(
    "given",
    [
        None,
        b"",
        bearer("three"),
        bearer(""),
        b"one",
        b"Basic one",
        b"Bearer",
        b"Bearer one, Bearer two",
        b"Bearer \xff",
    ],
)
def test_anything_but_one_right_bearer_key_is_unauthorized(
    given: bytes | None, keys_file: Path, write_keys: Write
) -> None:
    write_keys("one", "two")
    assert refusal(Keys(keys_file), given) is Code.UNAUTHORIZED


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


def test_a_turned_key_is_taken_for_a_quarter_of_a_second_at_most(
    keys_file: Path, write_keys: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("workbench.server.keys.FRESH_SECONDS", 0.25)
    monkeypatch.setattr("workbench.server.keys.time.monotonic", lambda: now)
    write_keys("old", "two")
    keys = Keys(keys_file)
    keys.admit(bearer("old"))
    write_keys("new", "two")
    now = 100.2
    keys.admit(bearer("old"))
    now = 100.26
    assert refusal(keys, bearer("old")) is Code.UNAUTHORIZED
    keys.admit(bearer("new"))


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
