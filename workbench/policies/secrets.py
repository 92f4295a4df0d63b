"""What looks like a secret that stands in plain text: by its name, or by its form. Pure; never repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

MASK: Final = "[secret]"
# The last word of a name, which a number may follow. Words that are a part of others need a word's start before them.
_NAME = re.compile(
    r"""(?:
        password|passwd|passphrase
        |(?<!tls_)secret  # `tlsSecret` names an object of a cluster
        |(?:^|[_.:-])(?:token|credential|auth)
        |(?:github|gitlab|access|auth|api|bearer|refresh|bot)token
        |(?:[_.:-]|db|my|pg|sql)pwd  # PWD alone is a folder
        |(?:^|[_.:-])(?:db|smtp|mail|ftp|redis|mysql|postgres|pg|user|admin|root)_?pass
        |(?:api|access|private|secret|encryption|signing|master|account|shared|storage|session|hmac|aes|jwt)_?key
        |secret_?key_?base
    )s?(?:[_.-]?[0-9]+)?$""",
    re.IGNORECASE | re.VERBOSE,
)
# The way to a file, in a folder that files of secrets lie in.
_FILE = re.compile(
    r"/(?:run|var|etc|mnt|media|opt|srv|usr|home|root|tmp|app|secrets|workspace)(?:/[A-Za-z0-9._@-]+)+/?"
)
_WAYS = ("file:", "arn:", "vault:")
_NO_SECRETS = {"true", "false", "none", "null", "yes", "no"}
_SETTING = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)  # an environment's, in a list
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FORMS: Final = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
    re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"),
    re.compile(r"\bxox[abpr]-[A-Za-z0-9-]{10,}"),
    # Not where a cluster puts the password in: `$(NAME)`.
    re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:(?!\$[({]\w+[)}]@)[^/\s@]+@", re.IGNORECASE),
    re.compile(r"\bBearer [A-Za-z0-9._~+/=-]{16,}"),
)


def is_secret(name: str, value: object) -> bool:
    """Whether a text or number under a name is one that nobody but its owner should read."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value in ("", MASK):
        return False
    text = str(value)
    return (_named(name) and not _counts(name, text) and not _points(text)) or any(form.search(text) for form in _FORMS)


def found(values: object, path: str = "") -> Iterator[str]:
    """Paths of all that looks like a secret below `values`, such as `services.churn.token`."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from found(value, f"{path}.{key}" if path else str(key))
    elif isinstance(values, list | tuple):
        for place, value in enumerate(values):
            yield from found(value, f"{path}[{place}]")
    elif is_secret(path.rpartition(".")[2].partition("[")[0], values):
        yield path


def masked(text: str) -> str:
    """A text without what has the form of a secret."""
    for form in _FORMS:
        text = form.sub(MASK, text)
    return text


def masked_value(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value, the same but for secrets
    """A value without its secrets, by names and forms."""
    if isinstance(value, Mapping):
        return {key: masked_value(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(name, each) for each in value]
    if is_secret(name, value):
        return MASK
    if isinstance(value, str) and (setting := _SETTING.fullmatch(value)) and is_secret(setting[1], setting[2]):
        return f"{setting[1]}={MASK}"
    return value


def _named(name: str) -> bool:
    return _NAME.search(_CAMEL.sub("_", name)) is not None


def _counts(name: str, value: str) -> bool:
    """Whether the value is a number of tokens, as language models have."""
    return name.lower().endswith("tokens") and value.isdecimal()


def _points(value: str) -> bool:
    """Whether the value is only the way to a secret, or says that there is none."""
    return value.startswith(_WAYS) or value.lower() in _NO_SECRETS or _FILE.fullmatch(value) is not None
