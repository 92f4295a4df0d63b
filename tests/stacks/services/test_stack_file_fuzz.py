"""Thousands of stack files that nobody wrote: each is edited in the named place alone, or refused in one line.

Some hundred here; FUZZ_EXAMPLES=100000 in the environment gives so many. A case is its number: the same each time.
"""

import copy
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbench.core.errors import StackFileError
from workbench.stacks.services import stack_inputs

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "400"))
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = f"127.0.0.1:5000/alpha@{A}"
NAMES = ("alpha", "beta", "gamma", "delta")
SCALARS = (
    "1", "01", "0o17", "0x1F", "1e3", "1_000", "+1", ".5", "-.inf", ".NaN", "1:30", "2026-01-01",
    "2026-01-01T10:00:00Z", "true",
    "True", "yes", "on", "~", "null", "", "''", '""', "'it''s'", '"a\\tb\\u00e9"', "plain words", "a#b", "a: b",
    "- x", "é", "😀", "!!str 5", "!mine x", "!!binary aGk=", "|\n{pad}  two\n{pad}  lines\n", ">-\n{pad}  folded\n",
    "[a, b]", "{{a: 1, b: [2, 3]}}", "[]", "{{}}", "*nowhere", "&here x", "\\x", "%x", "@x", "`x`",
)  # fmt: skip
BYTES = (
    b"", b"\t", b"\n", b"\r\n", b"\0", b"\xff", b":", b": ", b"- ", b"#", b" #", b"&a ", b"*a", b"<<: *base", b"{",
    b"}", b"'", b'"', b"\xef\xbb\xbf", b"---\n", b"...\n", b"? ", b"!!", b"|", b">", b"  ", b"\x85",
)  # fmt: skip


def _entry(rng: random.Random, pad: str, known: list[str]) -> str:
    """What stands behind a service's name, on lines of their own below `pad` or on the same one."""
    if known and rng.random() < 0.25:
        return f" *{rng.choice(known)}\n"
    anchor = ""
    if rng.random() < 0.4:
        anchor = f" &n{len(known)}"
        known.append(anchor[2:])
    merge = f"<<: *{rng.choice(known[:-1] if anchor else known)}" if len(known) > 1 and rng.random() < 0.3 else ""
    keys = [
        f"manifest: {A}",
        *(each for each in (f"image: '{IMAGE}'", "memory: 512", "cpu: 0.50") if rng.random() < 0.4),
    ]
    keys = [*([merge] if merge else []), *keys[rng.random() < 0.1 and bool(merge) :]]
    rng.shuffle(keys)
    if rng.random() < 0.3 or not keys:
        return f"{anchor} {{{', '.join(keys)}}}{_remark(rng)}\n"
    return f"{anchor}{_remark(rng)}\n" + "".join(f"{pad}{key}{_remark(rng)}\n{_line(rng, pad)}" for key in keys)


def _remark(rng: random.Random) -> str:
    return f" # r{rng.randrange(10**6)}" if rng.random() < 0.15 else ""


def _line(rng: random.Random, pad: str) -> str:
    return rng.choice((f"{pad}# l{rng.randrange(10**6)}\n", "\n", "")) if rng.random() < 0.2 else ""


def _others(rng: random.Random, pad: str) -> str:
    count = rng.choice((0, 0, 1, 2))
    keys = rng.sample(
        ("aws:region", "docker:host", "x:y", "churn:host", "churn:gatewayPort", "churn:registries"), count
    )
    return "".join(
        f"{pad}{key}: {rng.choice(SCALARS).format(pad=pad)}{_remark(rng)}\n{_line(rng, pad)}" for key in keys
    )


def generated(rng: random.Random) -> bytes:
    """A stack's file, now and then with a few bytes that do not belong there."""
    pad = " " * rng.choice((1, 2, 2, 2, 4))
    known: list[str] = []
    text = rng.choice(("", "# head\n", "\ufeff", "---\n", "x-any: &base {manifest: " + A + "}\n"))
    if "&base" in text:
        known.append("base")
    names = rng.sample(NAMES, rng.randint(0, 4))
    services = "".join(f"{pad * 2}{name}:{_entry(rng, pad * 3, known)}" for name in names)
    key = rng.choice(("churn:services", "churn:services", "services", "'churn:services'"))
    tail = "\n" if services else rng.choice((" {}\n", "\n", " ~\n"))
    section = f"{pad}{key}:{tail}{services}" if rng.random() < 0.95 else ""
    text += (
        f"encryptionsalt: v1:x=\n{_line(rng, '')}config:{_remark(rng)}\n{_others(rng, pad)}{section}{_others(rng, pad)}"
    )
    data = text.encode()
    for _ in range(rng.choice((0, 0, 0, 1, 1, 3))):
        place, removed = rng.randrange(len(data) + 1), rng.choice((0, 0, 1, 5))
        data = data[:place] + rng.choice(BYTES) + data[place + removed :]
    return data


def _plain(value: Any) -> Any:
    """Values as their texts alone: another reader's view, to which aliases are copies and `<<` is a key."""
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return tuple(map(_plain, value))
    return None if value in ("", "~", "null", "Null", "NULL") else value


def _view(data: bytes) -> Any:
    """What PyYAML reads there, which knows nothing of ruamel.yaml; None where it can't."""
    try:
        return copy.deepcopy(yaml.load(data.decode(), yaml.BaseLoader))  # noqa: S506 - it makes texts of all
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None


def _without(view: Any, name: str) -> Any:
    """The same without the named service, and without what only led to it."""
    config = view.get("config") or {} if isinstance(view, dict) else {}
    for key in ("churn:services", "services"):
        if isinstance(config, dict) and isinstance(config.get(key), dict):
            config[key].pop(name, None)
    if isinstance(config, dict):
        config = {key: each for key, each in config.items() if each not in ("", "~", {}) or "services" not in key}
    return _plain({**{key: each for key, each in (view or {}).items() if key != "config"}, "config": config})


def _edit(path: Path, rng: random.Random, name: str) -> str:
    what = rng.choice(("pin", "pin", "image", "remove", "memory"))
    if what == "pin":
        stack_inputs.pin_manifest(path, name, B)
    elif what == "image":
        stack_inputs.pin_image(path, name, B, IMAGE)
    elif what == "remove":
        stack_inputs.remove_service(path, name)
    else:
        stack_inputs.put(path, name, {}, {"memory": 64})
    return what


def test_a_file_is_edited_in_the_named_place_alone_or_refused_in_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(project / "home"))
    edited = sum(is_edited(project / "Pulumi.staging.yaml", number) for number in range(EXAMPLES))
    assert edited > EXAMPLES // 4


def is_edited(path: Path, number: int) -> bool:
    """Whether the file of a case is edited, and rightly so; False where it is rightly refused."""
    rng = random.Random(number)  # noqa: S311 - a case is its number
    before, name = generated(rng), rng.choice(NAMES)
    path.write_bytes(before)
    try:
        services = stack_inputs.read_services(path)
        what = _edit(path, rng, name)
    except StackFileError as error:
        return _is_refused(path, str(error), (number, before))
    after = path.read_bytes()
    told = stack_inputs.read_services(path)
    others = {key: each for key, each in services.items() if key != name}
    assert str({key: each for key, each in told.items() if key != name}) == str(others), (number, before, after)
    _check_named(what, services.get(name, {}), told.get(name), (number, before, after))
    if (view := _view(before)) is not None:
        assert _without(_view(after), name) == _without(view, name), (number, before, after)
    if name not in services and b"?" not in before:  # a mapping as a key loses the remarks in it
        lost = set(re.findall(rb"# [lr]\d+", before)) - set(re.findall(rb"# [lr]\d+", after))
        assert not lost, (number, before, after)
    return True


def _is_refused(path: Path, line: str, case: tuple[int, bytes]) -> bool:
    assert "\n" not in line, case
    assert path.read_bytes() == case[1], case
    return False


def _check_named(
    what: str, before: dict[str, Any], after: dict[str, Any] | None, case: tuple[int, bytes, bytes]
) -> None:
    if what == "remove":
        assert after is None, case
        return
    pins: dict[str, Any] | None = {"pin": {"manifest": B}, "image": {"manifest": B, "image": IMAGE}}.get(what)
    kept = {key: each for key, each in before.items() if pins is None or key not in ("manifest", "image")}
    assert after == {**kept, **(pins or {"memory": 64})}, case
