"""Requirements as PEP 508 writes them: the one grammar of all that uv and pip are asked for.

A line is a package of an index with versions, extras and markers, and hashes if its version is one. Options, files,
addresses and variables are none: pip and uv read far more into a line than a package.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.errors import WheelsError

_LONGEST = 500
_LETTERS = re.compile(r"""[A-Za-z0-9._,\[\]()<>=!~+*;"' -]+""")
_HASH = re.compile(r"\s+--hash[= ](\S*)")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
# pip and uv look for a file of such a name.
_ARCHIVE = re.compile(r"\.(whl|egg|zip|tar|tgz|tbz2?|txz|tlz|tzst|tar\.[a-z0-9]+)$", re.IGNORECASE)
_COMMENT = re.compile(r"(^|\s)#.*$")
_UNREADABLE = "is no package and version that PyPI knows how to read"
_SHOWN = 3  # what one line of an error bears
_PART = 80


@dataclass(frozen=True)
class RequirementLine:
    """One requirement. `name` is its normal name, `text` is what uv reads, `hashes` are those that a file may have."""

    name: str
    text: str
    hashes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join([self.text, *(f"--hash={hash_}" for hash_ in sorted(self.hashes))])

    def allows(self, version: str) -> bool:
        """Whether `version` is one of those asked for."""
        from packaging.requirements import Requirement

        return Requirement(self.text).specifier.contains(version)


def parse(text: str) -> RequirementLine:
    """The requirement that `text` is. Raises ValueError with the reason, as in "'x' REASON"."""
    line, hashes = text.strip(" \t"), []
    if not line:
        raise ValueError("is no requirement")
    if line.startswith("-"):
        raise ValueError("is an option of pip's: name packages here, and indexes in pip's own configuration")
    if line.isprintable() and (options := re.search(r"\s--", line)):
        hashes = _HASH.findall(line[options.start() :])
        line, rest = line[: options.start()].rstrip(), _HASH.sub("", line[options.start() :])
        if rest.strip() or not all(_SHA256.fullmatch(hash_) for hash_ in hashes):
            raise ValueError("has an option of pip's; only --hash=sha256:… with 64 hex digits can be kept")
    if len(line) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} letters")
    if not _LETTERS.fullmatch(line):
        raise ValueError("is no package of an index (name, version): only those can be locked by hash")
    return _parsed(line, frozenset(hashes))


def _parsed(line: str, hashes: frozenset[str]) -> RequirementLine:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        found = Requirement(line)
        text = str(found)
        again = str(Requirement(text))
    except (InvalidRequirement, RecursionError) as error:
        raise ValueError(_UNREADABLE) from error
    if again != text or not _LETTERS.fullmatch(text):
        raise ValueError(_UNREADABLE)
    versions = [*found.specifier]
    if any(map(_ARCHIVE.search, (found.name, *(version.version for version in versions)))):
        raise ValueError("ends like the name of an archive, and would mean a file: write name==version")
    if hashes and not (len(versions) == 1 and versions[0].operator == "==" and not versions[0].version.endswith("*")):
        raise ValueError("has hashes, which belong to one version: write name==version before them")
    return RequirementLine(canonicalize_name(found.name), text, hashes)


def read(path: Path) -> list[RequirementLine]:
    """The requirements in a file as pip reads it. Raises WheelsError that names, by line, all that is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise WheelsError(f"{path}: cannot be read ({reason}); give -p a requirements file") from error
    found, refused = [], []
    for number, line in _logical_lines(text):
        try:
            found.append(parse(line))
        except ValueError as error:
            refused.append(f"line {number}: {shown(line)} {error}")
    if refused:
        raise WheelsError(f"{path}: {together(refused)}")
    return found


def together(reasons: Sequence[str]) -> str:
    """The first few of many reasons, as one line."""
    more = f" (and {len(reasons) - _SHOWN} more)" if len(reasons) > _SHOWN else ""
    return f"{'; '.join(reasons[:_SHOWN])}{more}"


def shown(value: object) -> str:
    """What stands there, on one line, short, without the credentials of an address."""
    text = re.sub(r"://[^@/\s]*@", "://***@", repr(value))
    return text if len(text) <= _PART else f"{text[:_PART]}…"


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers, continued ones as one, without comments and what is empty."""
    found: list[tuple[int, str]] = []
    begun, continued = "", 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        plain = line.removesuffix("\r")
        continued = continued or number
        if plain.endswith("\\") and not plain.lstrip().startswith("#"):
            begun += plain[:-1] + " "
            continue
        if whole := _COMMENT.sub("", begun + plain).strip():
            found.append((continued, whole))
        begun, continued = "", 0
    return found
