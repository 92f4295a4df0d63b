"""Grammars of texts that people write and other programs get: one each, asked where a text comes in. Facts only.

Requirement lines have a file of their own, registry/manifests/requirement_lines.py. A text that fits is no option (it
does not begin with "-"), has one line, and holds nothing that a shell or make expands, unless its words say so.
"""

import re
from dataclasses import dataclass

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]{{1,5}})?"
_DIGEST = "sha256:[0-9a-f]{64}"
_REPOSITORY = rf"(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*"


@dataclass(frozen=True)
class Grammar:
    """What a text must look like, and that in words, as in "'x' is not WORDS"."""

    form: str
    words: str
    longest: int = 255

    def fits(self, text: object) -> bool:
        """Whether `text` is a text of this form, all of it."""
        return (
            isinstance(text, str)
            and len(text) <= self.longest
            and re.fullmatch(self.form, text, re.ASCII | re.DOTALL) is not None
        )


IMAGE = Grammar(rf"{_REPOSITORY}(?::\w[\w.-]{{0,127}})?(?:@{_DIGEST})?", "an image's reference", 512)
IMAGE_BY_DIGEST = Grammar(rf"{_DOMAIN}/{_COMPONENT}(?:/{_COMPONENT})*@{_DIGEST}", "REGISTRY/NAME@sha256:DIGEST", 512)
REPOSITORY = Grammar(_COMPONENT, "lower-case letters, digits, and single '-', '_' or '.' between them", 128)
REGISTRY = Grammar(rf"{_DOMAIN}(?:/{_COMPONENT})*", "HOST[:PORT][/PATH]")
ADDRESS = Grammar(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?", "a host or host:port")
USER = Grammar(r"[A-Za-z_][A-Za-z0-9_.-]*", "the name of a user", 64)
NETWORK = Grammar(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "none, or a network of the engine such as bridge")
MEMORY = Grammar(r"[1-9][0-9]*[mg]", "a size such as 512m or 4g", 12)
# docker's --mount is a line of CSV.
FOLDER = Grammar(r"/[\w./ +@~-]*", "an absolute path of letters, digits, spaces and ./_+@~-", 1000)
PROGRAM = Grammar(r"[A-Za-z0-9_.~/][\w./ +@~-]*", "the name of a program or a path", 1000)
NAMESPACE = Grammar(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", "the name of a namespace")
SECRET = Grammar(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", "the name of a Secret")
SERVICE = Grammar(
    r"(?=.{3})[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*",
    "3 to 32 of a-z, 0-9, '.' and '-', with a letter or digit at both ends and around each '.'",
    32,
)
VARIABLE = Grammar(r"[A-Za-z_][A-Za-z0-9_]*", "letters, digits and '_', no digit first")
SPARK_SETTING = Grammar(r"spark\.[A-Za-z0-9_.-]+", "spark. and then letters, digits, '.', '_' and '-'")
SCRIPT = Grammar(r"(?:\w[\w.-]*/)*\w[\w.-]*\.py", "NAME.py, of letters, digits, '_', '-' and '.'")
# In a Makefile, between double quotes of a shell, for pip: a wheel's path, a version of an index, or git+https://….
# An "@" stands before an address or behind its host, never before a host: that would be a user, a password or a token.
SOURCE = Grammar(
    r"(?![^/]*@(?! ?[A-Za-z][A-Za-z0-9+.-]*://))(?!.*:/*[^/]*@)"
    r"[A-Za-z0-9_./][A-Za-z0-9_./+=<>!~,;:?&@ \[\]%-]*",
    "a path of a wheel, NAME==VERSION, or NAME @ https://…, without credentials and signs of a shell",
    1000,
)


def is_line(text: str) -> bool:
    """Whether a value can be given to a program as one line: no control character but tabs, and valid Unicode."""
    return all(letter == "\t" or (" " <= letter != "\x7f" and not "\ud800" <= letter <= "\udfff") for letter in text)


def is_argument(text: str) -> bool:
    """Whether a program can be given it as an argument: valid Unicode without NUL."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)
