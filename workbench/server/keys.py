"""Who may score: the hashes of a service's two keys, kept fresh from the mounted file.

The file is `{"primary": "<sha256 hex>", "secondary": "<sha256 hex>"}`. It is read again when it changes on disk, so
a key is turned without a restart. A file that is missing or not exactly that admits nobody.
"""

import hashlib
import hmac
import logging
import re
import time
from pathlib import Path
from typing import Final

import orjson

from workbench.server.errors import Code, RequestError
from workbench.server.logs import event

NAMES: Final = ("primary", "secondary")
SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")

# So long may a key that was turned still be taken; a look at the disk for each request would cost more than the hash.
FRESH_SECONDS: Final = 0.25

# What tells that a file changed: a rename brings a new inode, a write a new mtime, a chmod a new ctime.
Stamp = tuple[int, int, int, int]


class Keys:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: Stamp | None = None
        self._digests: tuple[bytes, bytes] | None = None
        self._read_once = False
        self._fresh_until = 0.0

    def usable(self) -> bool:
        """Whether anybody can be admitted now."""
        return self._current() is not None

    def admit(self, authorization: bytes | None) -> None:
        """Return if that header carries one of the two keys; raises RequestError (401, or 503 without usable keys)."""
        digests = self._current()
        if digests is None:
            raise RequestError(Code.KEYS_UNUSABLE, "this service has no usable keys; its operator must mount them")
        given = hashlib.sha256(bearer(authorization)).digest()
        # Both are always compared, so that the time tells neither which key nor how much of it was right.
        primary, secondary = digests
        if not hmac.compare_digest(given, primary) | hmac.compare_digest(given, secondary):
            raise unauthorized("the key is not one of this service's keys")

    def _current(self) -> tuple[bytes, bytes] | None:
        now = time.monotonic()
        if now < self._fresh_until:
            return self._digests
        self._fresh_until = now + FRESH_SECONDS
        stamp = stamp_of(self._file)
        if stamp != self._stamp or not self._read_once:
            self._read_once, self._stamp = True, stamp
            self._digests = self._read()
        return self._digests

    def _read(self) -> tuple[bytes, bytes] | None:
        try:
            digests = parse(self._file.read_bytes())
        except (OSError, ValueError) as error:
            event(logging.ERROR, "keys_unusable", file=str(self._file), reason=str(error), effect="everybody is denied")
            return None
        event(logging.INFO, "keys_read", file=str(self._file))
        return digests


def stamp_of(file: Path) -> Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def parse(content: bytes) -> tuple[bytes, bytes]:
    """Return the digests in the order of `NAMES`; raises ValueError, whose text shows nothing of the content."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise ValueError("not JSON") from None
    if not isinstance(document, dict) or sorted(document) != sorted(NAMES):
        raise ValueError("not an object with exactly the keys primary and secondary")
    for name in NAMES:
        if not isinstance(document[name], str) or not SHA256_HEX.fullmatch(document[name]):
            raise ValueError(f"{name} is not a SHA-256 in 64 lower-case hex digits")
    return bytes.fromhex(document["primary"]), bytes.fromhex(document["secondary"])


def bearer(authorization: bytes | None) -> bytes:
    """Return the key of `Authorization: Bearer KEY`; raises RequestError (401) for anything else."""
    scheme, _, key = (authorization or b"").partition(b" ")
    if scheme.lower() != b"bearer" or not key.strip():
        raise unauthorized("send one of the service's keys as Authorization: Bearer KEY")
    return key.strip()


def unauthorized(message: str) -> RequestError:
    return RequestError(Code.UNAUTHORIZED, message, {"www-authenticate": "Bearer"})
