"""A docker engine, spoken to by its own client, wherever it is: DOCKER_HOST, or a machine that ssh reaches.

Owns the client's calls and the words for their failures. Knows nothing of runs.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from workbench.experiments.targets import TargetError

# Debian's client fits Debian's engine; what is first on PATH may be another container tool's shim.
_DEBIAN_CLIENT = Path("/usr/bin/docker")
_PATIENCE = (0.5, 2.0)  # seconds between tries
_ABSENT = ("Cannot connect to the Docker daemon", "error during connect", "no such host", "connection refused")


class AwayError(TargetError):
    """The engine does not answer, or no longer."""


class Engine:
    """`host` is an address as DOCKER_HOST takes it; None leaves the choice to the environment."""

    def __init__(self, host: str | None) -> None:
        self.host = host or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        self._client = _client()

    def command(self, *arguments: str) -> list[str]:
        """The command line of a call."""
        return [self._client, "--host", self.host, *arguments]

    def read(self, *arguments: str, data: bytes = b"", files: tuple[int, ...] = ()) -> str:
        """What a call prints. `files` are open files that it may read. Raises TargetError."""
        done = subprocess.run(
            self.command(*arguments),
            input=data,
            capture_output=True,
            check=False,
            pass_fds=files,
            start_new_session=True,
        )
        if done.returncode:
            raise self.error(arguments[0], done.stderr)
        return done.stdout.decode(errors="replace")

    def insist(self, *arguments: str) -> str:
        """What a call prints that may as well be made twice: again where the connection broke. Raises TargetError."""
        for seconds in _PATIENCE:
            with suppress(AwayError):
                return self.read(*arguments)
            time.sleep(seconds)
        return self.read(*arguments)

    @contextmanager
    def feeding(self, *arguments: str) -> Iterator[IO[bytes]]:
        """A call that reads what is written to this file. Raises TargetError when it fails."""
        process = self.open(*arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        pipe = cast("IO[bytes]", process.stdin)
        try:
            yield pipe
        except BrokenPipeError:
            pass  # it says itself what was wrong
        except BaseException:
            process.kill()
            process.communicate()
            raise
        _, complaint = process.communicate()
        if process.returncode:
            raise self.error(arguments[0], complaint)

    def open(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":  # noqa: ANN401 - those of Popen
        """A call under way, which no interrupt from the terminal reaches."""
        return subprocess.Popen(self.command(*arguments), start_new_session=True, **options)

    def inspect(self, kind: str, name: str) -> dict[str, Any] | None:
        """What the engine knows of an image or container, None if there is none. Raises TargetError."""
        done = subprocess.run(
            self.command(kind, "inspect", name), capture_output=True, check=False, start_new_session=True
        )
        if not done.returncode:
            found: dict[str, Any] = json.loads(done.stdout)[0]
            return found
        if b"No such" in done.stderr:
            return None
        raise self.error(f"{kind} inspect", done.stderr)

    def error(self, call: str, complaint: bytes) -> TargetError:
        """The last line of what a call complained of, as an error."""
        lines = [line.strip() for line in complaint.decode(errors="replace").splitlines() if line.strip()]
        reason = (lines or ["it says nothing"])[-1]
        if any(word in " ".join(lines) for word in _ABSENT):
            how = "run: make engines" if self.host.startswith("unix:") else f"try: docker --host {self.host} version"
            return AwayError(f"the docker engine {self.host} does not answer ({reason}); {how}")
        return TargetError(f"docker {call} on {self.host}: {reason.removeprefix('Error response from daemon: ')}")


def _client() -> str:
    if os.access(_DEBIAN_CLIENT, os.X_OK):
        return str(_DEBIAN_CLIENT)
    found = shutil.which("docker")
    if not found:
        raise TargetError("there is no docker client on PATH; run: make engines")
    return found
