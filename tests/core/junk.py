"""Values as nobody means them: JSON of any kind, and records that differ from good ones in a few places. Seeded."""

import copy
import json
import os
import random
from typing import Any

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))

TEXTS = [
    "", ".", "..", "/", "/etc/passwd", "../../outside", "../../../../../../tmp/outside", "a/../../b", "a\\b", "C:/x",
    "\0", "a\0b", "\n", "\x1b[31m", "\ud800", "\udcff", "caf\u00e9", "\u202e", "n" * 256, "a/" * 600 + "a",
    ".git/hooks/x", ".GIT", "nan", "inf", "-inf", "NaN", "1e999", "churn", "churn:1", "models/churn/1/files",
    "models", "runs", "files/models/" + "a" * 32, "sha256:" + "0" * 64, "0" * 64, "running", "completed", "failed",
    "2026-01-31T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59+00:00", "[a]", "*", "?" * 50, "last", "true",
    "null", "{}", "outside/precious",
]  # fmt: skip
NUMBERS = [0, 1, -1, 2, 3, 2**31, 2**63, -(2**63), 10**400, 0.0, -0.5, 1e308, 5e-324, float("nan"), float("inf")]


class Junk(random.Random):
    """A source of values that is the same for the same seed."""

    def text(self) -> str:
        if self.random() < 0.8:
            return self.choice(TEXTS)
        return "".join(
            chr(self.choice((self.randrange(128), self.randrange(0x3000)))) for _ in range(self.randrange(20))
        )

    def value(self, depth: int = 3) -> Any:
        kind = self.randrange(8 if depth else 5)
        if kind < 2:
            return self.text()
        if kind < 4:
            return self.choice(NUMBERS)
        if kind == 4:
            return self.choice((None, True, False, [], {}))
        if kind == 5:
            return [self.value(depth - 1) for _ in range(self.randrange(4))]
        return {self.text(): self.value(depth - 1) for _ in range(self.randrange(4))}

    def changed(self, record: Any) -> Any:
        """A copy with one to four values replaced, removed or added, at any depth."""
        made = copy.deepcopy(record)
        for _ in range(self.randint(1, 4)):
            made = self._change(made)
        return made

    def data(self, record: Any) -> bytes:
        """A record as a file holds it, now and then broken as a file."""
        text = json.dumps(record).encode()
        chance = self.random()
        if chance < 0.03:
            return text[: self.randrange(len(text) + 1)]
        if chance < 0.06 and text:
            place = self.randrange(len(text))
            return text[:place] + bytes([self.randrange(256)]) + text[place + 1 :]
        if chance < 0.08:
            depth = self.choice((30, 50, 1000, 100_000))
            return b'{"deep":' + b"[" * depth + b"]" * depth + b"," + text[1:]
        return text

    def _change(self, value: Any) -> Any:
        if isinstance(value, dict) and value and self.random() < 0.9:
            key = self.choice(list(value))
            act = self.random()
            if act < 0.1:
                del value[key]
            elif act < 0.2:
                value[self.text()] = self.value()
            else:
                value[key] = self._change(value[key])
            return value
        if isinstance(value, list) and value and self.random() < 0.8:
            place = self.randrange(len(value))
            value[place] = self._change(value[place])
            return value
        return self.value()
