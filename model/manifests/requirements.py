"""The lock of a runtime: what the server needs, and what a team's own score script needs beside it.

uv resolves; we keep its answer by the digest of the question, so that the same question gives the same manifest.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from model import home, placing
from model.canonical import sha256_file, sha256_hex
from model.errors import WheelsError


def lock(own: Path, server: Path, python: str, say: Callable[[str], None], root: Path | None = None) -> Path:
    """The hash-pinned file of `own` requirements (any that pip reads) with all pins of `server`.

    `python` is the runtime's version as "3.11". Raises WheelsError when the two can't be had together, or not as
    wheels.
    """
    try:
        question = sha256_hex(f"{sha256_file(own)} {sha256_file(server)} {python}".encode())
    except OSError as error:
        raise WheelsError(f"{own}: cannot be read ({error.strerror}); give -p a requirements file") from error
    target = (root or home.registry()) / "locks" / f"{question}.txt"
    if target.is_file():
        return target
    say(f"locking {own.name} with what the server needs")
    placing.write_file(target, _resolve(own, server, python))
    return target


def _resolve(own: Path, server: Path, python: str) -> bytes:
    import uv  # only a fresh lock needs it

    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--generate-hashes"]
    command += ["--python-version", python, "--only-binary", ":all:", "--no-emit-index-url", str(own), str(server)]
    done = subprocess.run(command, capture_output=True, check=False, cwd=own.parent)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise WheelsError(f"{own}: cannot be locked: {' '.join(lines)[:500] or 'uv failed'}; change it and try again")
    return done.stdout
