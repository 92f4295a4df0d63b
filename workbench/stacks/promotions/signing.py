"""The key that signs evidence: a file of its owner's alone. Asks for its passphrase on the terminal, nowhere else."""

import getpass
import sys
from pathlib import Path
from typing import Any

from workbench.core.errors import PromotionError
from workbench.policies import envelope
from workbench.policies.errors import PolicyError

_OTHERS_MAY = 0o077


def seal(statement: dict[str, Any], key: Path | None) -> dict[str, Any]:
    """The envelope of a statement, unsigned without a key. Raises PromotionError."""
    return envelope.seal(statement, None if key is None else _load(key))


def _load(path: Path) -> Any:  # noqa: ANN401 - its library is imported when it is needed
    try:
        if path.stat().st_mode & _OTHERS_MAY:
            raise PromotionError(f"{path}: others can read this key; run: chmod 600 {path}")
        pem = path.read_bytes()
    except OSError as error:
        raise PromotionError(f"{path}: cannot be read ({error.strerror}); --key names a private key in PEM") from error
    try:
        try:
            return envelope.private_key(str(path), pem)
        except TypeError:  # the library's way to say that it is encrypted
            return envelope.private_key(str(path), pem, _passphrase(path))
    except PolicyError as error:
        raise PromotionError(str(error)) from error


def _passphrase(path: Path) -> bytes:
    if not sys.stdin.isatty():
        raise PromotionError(f"{path}: is encrypted, and there is no terminal to ask for its passphrase")
    return getpass.getpass(f"passphrase of {path}: ", sys.stderr).encode()
