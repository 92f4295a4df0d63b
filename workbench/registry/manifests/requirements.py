"""The lock of a runtime: what the server needs, and what a team's own score script needs beside it.

uv resolves; we keep its answer by the digest of the question, so that the same question gives the same manifest. uv
reads requirement lines that were checked, and no settings of the project: indexes are those of the user's or machine's.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.core import atomic_files, home
from workbench.core.canonical import sha256_file, sha256_hex
from workbench.core.errors import WheelsError
from workbench.registry.manifests.requirement_lines import RequirementLine

_PINNED = re.compile(r"([A-Za-z0-9._-]+)==(\S+)((?:\s+(?:\\\s+)?--hash=sha256:[0-9a-f]{64})+)")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


def lock(
    own: Sequence[RequirementLine],
    source: Path,
    server: Path | None,
    python: str,
    say: Callable[[str], None],
    root: Path | None = None,
) -> Path:
    """The hash-pinned file of `own` requirements, read from `source`, with all pins of `server`.

    `python` is the runtime's version as "3.11". Raises WheelsError when the two can't be had together, not as wheels,
    or not with the hashes that `own` gives.
    """
    text = "".join(f"{each.text}\n" for each in own)
    asked = f"{sha256_hex(text.encode())} {sha256_file(server) if server else sha256_hex(b'')} {python}"
    if any(each.hashes for each in own):
        asked += " ".join(map(str, own))
    target = (root or home.registry()) / "locks" / f"{sha256_hex(asked.encode())}.txt"
    if target.is_file():
        return target
    say(f"locking {source.name}" + (" with what the server needs" if server else ""))
    options = [
        "--no-annotate",
        "--generate-hashes",
        "--no-emit-index-url",
        *([str(server.resolve())] if server else []),
    ]
    done = resolve(text, python, *options)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise WheelsError(
            f"{source}: cannot be locked: {' '.join(lines)[:500] or 'uv failed'}; change it and try again"
        )
    atomic_files.write_file(target, _honoured(done.stdout, own, source).encode())
    return target


def resolve(lines: str, python: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What uv answers to requirement lines that were checked, of wheels for `python` alone.

    It runs in the home: in a project it would take indexes and an interpreter from whatever lies there.
    """
    import uv  # only a fresh lock needs it

    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--only-binary", ":all:"]
    command += ["--python", sys.executable, "--python-version", python, *options, "-"]
    return subprocess.run(command, input=lines, capture_output=True, text=True, check=False, cwd=home.create())


def _honoured(answer: str, own: Sequence[RequirementLine], source: Path) -> str:
    """The lock, of which packages whose hashes somebody gave have those alone: uv takes any."""
    given: dict[str, frozenset[str]] = {}
    for line in own:
        if line.hashes:
            given[line.name] = given.get(line.name, line.hashes) & line.hashes

    def narrowed(pin: re.Match[str]) -> str:
        allowed = given.get(re.sub(r"[-_.]+", "-", pin[1]).lower())
        if allowed is None:
            return pin[0]
        kept = [each for each in _HASH.findall(pin[3]) if each in allowed]
        if not kept:
            raise WheelsError(
                f"{source}: {pin[1]}=={pin[2]}: no file on the index has a hash that is given for it; compare the "
                "hashes with where they come from, or leave them out"
            )
        return f"{pin[1]}=={pin[2]}" + "".join(f" \\\n    --hash={each}" for each in kept)

    return _PINNED.sub(narrowed, answer)
