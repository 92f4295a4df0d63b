"""Versions as conda writes them, as PyPI does. Knows one package, tzdata, whose versions the two write differently."""

import re

_WORDS = "has a version that PyPI does not know how to read; write name=1.2, name==1.2.3 or name>=1.2,<2"
_LONGEST = 200
_PART = re.compile(r"(>=|<=|!=|==|~=|>|<|=)? *([A-Za-z0-9_.*+!-]+)")
# A version, a space, and a build; or a version, "=", and a build.
_BUILD = re.compile(r"(=?=?[^=<>!~ ,|]+)(?:=| +)([A-Za-z0-9_.*]+)")
_RELEASE = re.compile(r"(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*")
_LETTER = re.compile(r"[0-9.]+[a-z]")
_TZDATA = re.compile(r"([0-9]{4})([a-z])")


def specifier(name: str, version: str) -> tuple[str, str]:
    """PyPI's form of the version that conda asks of a package, "" for any; and conda's build, "" without one.

    Raises ValueError with the reason, as in "'numpy=1|2' REASON".
    """
    version, build = version.strip(" "), ""
    if len(version) > _LONGEST:
        raise ValueError(_WORDS)
    if found := _BUILD.fullmatch(version):
        version, build = found.groups()
        version = version.lstrip("=")  # beside a build it is the whole version
    parts = [_part(name, part.strip(" ")) for part in version.removesuffix(",").split(",")] if version else []
    return ",".join(part for part in parts if part), "" if build == "*" else build


def _part(name: str, text: str) -> str:
    found = _PART.fullmatch(text)
    if not found:
        raise ValueError(_WORDS)
    operator, number = found.group(1) or "", found.group(2)
    if number == "*":
        if operator in ("", "=", "=="):
            return ""
        raise ValueError(_WORDS)
    if name == "tzdata" and (zone := _TZDATA.fullmatch(number)):
        number = f"{zone[1]}.{ord(zone[2]) - ord('a') + 1}"
    if _LETTER.fullmatch(number):
        raise ValueError(f"has a version that ends in a letter, which PyPI does not have; write {name}>=1.2")
    release = number.removesuffix(".*").removesuffix("*")
    starred = release != number
    if operator in (">=", "<=", ">", "<"):
        return f"{operator}{release}"  # conda reads >=1.2.* as >=1.2.
    if operator == "=" and not starred and _RELEASE.fullmatch(number):
        return f"=={number}.*"
    return f"{'==' if operator in ('', '=') else operator}{release}{'.*' if starred else ''}"
