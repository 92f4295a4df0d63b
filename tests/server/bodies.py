"""Schemas at random, and bodies of their shape, in which some values, keys and bytes have gone wrong."""

import json
from random import Random
from typing import Any

from workbench.server.schema import Column, Schema, parse_schema
from workbench.server.validator import Limits

LIMITS = Limits(rows=3, text=6)
NAMES = ["a", "b", "größe", 'quo"te', "back\\slash", "", " ", "class", "😀"]
TEXTS = ["", "a", "b", "\\N", "größe", "😀😀😀😀😀😀", "seven77", '"', "\\", "\n", "null", "longer than the limit"]
BOUNDS = [-1, 0, 0.5, 1, 2**53, -(2**63), 2**63 - 1, 1e300]
NUMBERS = [
    "0", "-0", "-0.0", "1", "-1", "2", "0.5", "1.0", "1e2", "1E+2", "0.1", "1.0000000000000000000001",
    "9007199254740993", "-9223372036854775808", "-9223372036854775809", "9223372036854775807", "9223372036854775808",
    "9223372036854775807.0", "18446744073709551616", "1e30", "1e-400", "1e308", "1e309", "1e999", "9" * 309, "9" * 400,
    "0." + "3" * 400,
]  # fmt: skip
PLAIN_NUMBERS = NUMBERS[:14]
WRONG = [
    "NaN", "Infinity", "-Infinity", "nan", "01", "1.", ".5", "+1", "-", "0x1", "1_0", "True", "None", "'a'",
    "undefined", '"\\ud800"', '"\\udc00\\ud800"', '"\\x41"', '"\\u00e"', '"a\nb"', '"\x00"', '"', "[", "{", "}",
    "]", ",", ":", "//a", "\ufeff",
]  # fmt: skip
ANYTHING = ["null", "true", "false", "[]", "{}", "[[]]", "[null]", '{"a": 1}', '[{"a": 1}]', "[" + "9" * 30 + "]"]
BYTES = [
    b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x00", b"\x0c", b"\xc2\xa0", b'"', b"\\", b"{", b"}",
    b"[", b"]", b",", b":", b" ", b"\t", b"\r\n", b"0", b"1", b"-", b".", b"e", b"E",
]  # fmt: skip


def make_schema(random: Random) -> Schema:
    """One or two arguments: tables mostly, also bare values, nests and what takes anything."""
    names = random.sample(["df", "n", "größe"], random.choice([1, 1, 2]))
    return parse_schema({"input": {name: {"type": 3, "swagger": make_argument(random)} for name in names}})


def make_argument(random: Random) -> dict[str, Any]:
    shape = random.choice(["table", "table", "table", "nest", "free"])
    if shape == "table":
        columns = {name: make_rule(random) for name in random.sample(NAMES, random.randint(0, 4))}
        return {"type": "array", "items": {"type": "object", "properties": columns}}
    if shape == "free":
        return {"type": "object"}
    swagger = make_rule(random)
    for _ in range(random.randint(0, 3)):
        swagger = {"type": "array", "items": swagger}
    return swagger


def make_rule(random: Random) -> dict[str, Any]:
    rule: dict[str, Any] = {"type": random.choice(["integer", "number", "string", "boolean"] * 4 + ["date"])}
    if random.random() < 0.4:
        rule["x-nullable"] = True
    if rule["type"] == "string" and random.random() < 0.4:
        rule["enum"] = [*random.sample(TEXTS, random.randint(1, 4)), *random.choice([[], [None]])]
    if rule["type"] in ("integer", "number"):
        for bound in random.sample(["minimum", "maximum"], random.randint(0, 2)):
            rule[bound] = random.choice(BOUNDS)
    return rule


class Writer:
    """Writes a body of a schema's shape, in which about every `odds`-th thing is not as it should be."""

    def __init__(self, random: Random, odds: float) -> None:
        self._random = random
        self._odds = odds

    def body(self, schema: Schema) -> bytes:
        members = []
        for argument in schema.arguments:
            if argument.columns is not None:
                count = self._random.choice([0, 1, 1, 2, 3]) if self._fine() else 4
                written = self._list([self._row(argument.columns) for _ in range(count)])
            elif argument.item is not None:
                written = self._nest(argument.item, argument.depth)
            else:
                written = self._random.choice(ANYTHING)
            members.append((argument.name, written))
        return self._edited((self._blank() + self._object(members) + self._blank()).encode())

    def _row(self, columns: Any) -> str:
        if not self._fine():
            return self._random.choice(ANYTHING)
        return self._object([(name, self._value(rule)) for name, rule in columns.items()])

    def _object(self, members: list[tuple[str, str]]) -> str:
        if not self._fine() and members:
            members.remove(self._random.choice(members))
        if not self._fine() and members:
            members.append(self._random.choice(members))
        if not self._fine():
            members.append((self._random.choice([*NAMES, "df", "n"]), self._random.choice([*ANYTHING, *NUMBERS])))
        self._random.shuffle(members)
        written = (f"{self._text(name)}{self._blank()}:{self._blank()}{value}" for name, value in members)
        return "{" + self._blank() + f"{self._blank()},{self._blank()}".join(written) + "}"

    def _list(self, items: list[str]) -> str:
        return "[" + f",{self._blank()}".join(items) + self._blank() + "]"

    def _nest(self, rule: Column, depth: int) -> str:
        if not self._fine():
            depth += self._random.choice([-1, 1])
        if depth <= 0:
            return self._value(rule)
        return self._list([self._nest(rule, depth - 1) for _ in range(self._random.choice([0, 1, 2, 2, 4]))])

    def _value(self, rule: Column) -> str:
        if not self._fine():
            return self._random.choice([*ANYTHING, *NUMBERS, *WRONG, *map(self._text, TEXTS)])
        if rule.nullable and self._random.random() < 0.3:
            return self._random.choice(["null", "null", '"\\\\N"'])
        match rule.kind:
            case "integer" | "number":
                bounds = [each for each in (rule.minimum, rule.maximum) if each is not None]
                near = [json.dumps(bound + step) for bound in bounds for step in (-1, -0.5, 0, 0.5, 1)]
                return self._random.choice(PLAIN_NUMBERS + near * 3)
            case "boolean":
                return self._random.choice(["true", "false"])
        return self._text(self._random.choice(rule.categories or tuple(TEXTS)))

    def _text(self, text: str) -> str:
        """A text as JSON; now and then every character is written as an escape."""
        if self._random.random() < self._odds:
            units = text.encode("utf-16-be").hex()
            return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'
        return json.dumps(text, ensure_ascii=False)

    def _blank(self) -> str:
        return "" if self._fine() else self._random.choice([" ", "\t", "\r\n", "  "])

    def _edited(self, body: bytes) -> bytes:
        while not self._fine():
            at = self._random.randint(0, len(body))
            cut = self._random.choice([0, 0, 1, 1, 4, len(body)])
            piece = self._random.choice([b"", *BYTES, *(each.encode() for each in WRONG), body[at : at + 9]])
            body = body[:at] + piece + body[at + cut :]
        return body

    def _fine(self) -> bool:
        return self._random.random() >= self._odds
