"""Calling a scoring service that a stack declares: its URL and key from the stack's outputs, rows in, answers out."""

import http.client
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from model import home
from model.errors import ServiceError

_TIMEOUT_SECONDS = 30
_OK = 200
_OTHERS_MAY = 0o077


@dataclass(frozen=True)
class Service:
    """One service of a stack as `pulumi up` left it; `outputs` are all its outputs."""

    name: str
    stack: str
    outputs: dict[str, Any]

    def output(self, key: str) -> str:
        """One output. Raises ServiceError when the stack does not have it."""
        value = self.outputs.get(key)
        if not isinstance(value, str) or not value:
            raise ServiceError(
                f"stack {self.stack}: service {self.name} has no output {key!r}; run: pulumi up -s {self.stack}"
            )
        return value

    def key(self, which: str = "primary") -> str:
        """The key from its file. Raises ServiceError when it is missing or others can read it."""
        path = Path(self.output("keysFolder")) / which
        try:
            if path.stat().st_mode & _OTHERS_MAY:
                raise ServiceError(f"{path}: others can read this key; run: chmod 600 {path}")
            return path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ServiceError(f"{path}: cannot read the key ({error}); run: pulumi up -s {self.stack}") from error

    def score(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One answer a row. Raises ServiceError with the service's own message when it refuses."""
        url = self.output("scoringUrl")
        status, body = _post(url, self.key(), {"input_df": rows})
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if status != _OK:
            message = (
                answer["error"]["message"] if _is_error(answer) else body.decode(errors="replace").partition("\n")[0]
            )
            raise ServiceError(f"{url} answered {status}: {message or 'nothing'}")
        if not isinstance(answer, list) or len(answer) != len(rows):
            raise ServiceError(f"{url} answered 200 without one object a row; look at the service's log")
        return answer


def services(stack: str) -> dict[str, Service]:
    """The services of a stack by name. Raises ServiceError when there is no such stack or it was never updated."""
    outputs = _outputs(stack)
    declared = outputs.get("services")
    if not isinstance(declared, dict):
        raise ServiceError(f"stack {stack}: has no output 'services'; run: pulumi up -s {stack}")
    return {name: Service(name, stack, values) for name, values in declared.items() if isinstance(values, dict)}


def find(stack: str, name: str) -> Service:
    """One service of a stack. Raises ServiceError, naming those there are."""
    known = services(stack)
    if name not in known:
        raise ServiceError(f"stack {stack}: has no service {name!r}, it has {', '.join(sorted(known)) or 'none'}")
    return known[name]


def _outputs(stack: str) -> dict[str, Any]:
    home.stack_file(stack)
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--color", "never", "-s", stack]
    try:
        done = subprocess.run(command, cwd=home.project(), capture_output=True, text=True, check=False)
    except OSError as error:
        raise ServiceError('pulumi is not on PATH; run: make up, then eval "$(make env)"') from error
    if done.returncode:
        lines = [line.removeprefix("error: ") for line in done.stderr.splitlines() if line.strip()]
        raise ServiceError(f"stack {stack}: {lines[0] if lines else 'pulumi stack output failed'}")
    outputs: dict[str, Any] = json.loads(done.stdout or "{}")
    return outputs


def _post(url: str, key: str, content: dict[str, Any]) -> tuple[int, bytes]:
    """Status and body. No proxy and no redirect: the key goes to the host of `url` alone."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", parts.path, json.dumps(content).encode(), headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{url} cannot be reached ({error}); is the stack up?") from error
    finally:
        connection.close()


def _is_error(answer: object) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("error"), dict) and "message" in answer["error"]
