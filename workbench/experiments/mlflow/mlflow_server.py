"""An MLflow tracking server, asked by its REST API with the standard library: no package of MLflow's is needed.

Knows the server's words alone, none of ours. Reaches artifacts that the server itself serves, as it does by default.
"""

import base64
import contextlib
import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from workbench.core import confined
from workbench.core.errors import WorkbenchError

VARIABLE = "MLFLOW_TRACKING_URI"
_CALLS = "/api/2.0/mlflow"
_ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
_SERVED = "mlflow-artifacts"
_SECONDS = 60
_MOST_FILES = 10_000
_NOT_THERE = "RESOURCE_DOES_NOT_EXIST"
_THERE = "RESOURCE_ALREADY_EXISTS"


class MlflowError(WorkbenchError):
    """An MLflow server cannot be used, or does not have what was asked for."""


class MlflowServer:
    """The server at `uri`, by default MLFLOW_TRACKING_URI. Every method raises MlflowError, in one line.

    A password or token comes from MLflow's own variables: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or
    MLFLOW_TRACKING_TOKEN.
    """

    def __init__(self, uri: str | None = None) -> None:
        self._opener = urllib.request.build_opener(_SameOrigin)
        given = uri or os.environ.get(VARIABLE, "")
        if not given:
            raise MlflowError(f"no MLflow server is named; give --tracking-uri http://HOST:PORT or set {VARIABLE}")
        parts = urlsplit(given)
        if parts.username or parts.password:
            raise MlflowError(
                f"--tracking-uri: holds a name or password before {parts.hostname}; set MLFLOW_TRACKING_USERNAME and"
                " MLFLOW_TRACKING_PASSWORD instead"
            )
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MlflowError(f"--tracking-uri {given}: is not the address of a server; write http://HOST:PORT")
        self.uri = given.rstrip("/")

    def get(self, call: str, **query: str) -> dict[str, Any]:
        """The answer to a question such as `runs/get`."""
        return self._json(self._request("GET", f"{_CALLS}/{call}?{urlencode(query)}"))

    def find(self, call: str, **query: str) -> dict[str, Any] | None:
        """The answer to a question, None when the server has no such thing."""
        try:
            return self.get(call, **query)
        except _NotThereError:
            return None

    def post(self, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request such as `runs/create`."""
        return self._json(self._request("POST", f"{_CALLS}/{call}", json.dumps(body).encode()))

    def ensure(self, call: str, body: Mapping[str, Any]) -> None:
        """Make something that may be there already."""
        with contextlib.suppress(_ThereError):
            self.post(call, body)

    def upload(self, place: str, path: str, file: Path) -> None:
        """Put a file at `path` below the artifact URI `place`."""
        self._request("PUT", f"{_ARTIFACTS}/{quote(f'{self._served(place)}/{path}')}", file.read_bytes())

    def artifacts(self, place: str) -> Iterator[str]:
        """The paths of all files below the artifact URI `place`."""
        root = self._served(place)
        folders, count = [""], 0
        while folders:
            folder = folders.pop()
            where = urlencode({"path": f"{root}/{folder}".rstrip("/")})
            for entry in self._json(self._request("GET", f"{_ARTIFACTS}?{where}")).get("files", []):
                count += 1
                if count > _MOST_FILES:
                    raise MlflowError(f"MLflow at {self.uri}: lists more than {_MOST_FILES:,} files at {place:.200}")
                path = f"{folder}/{entry['path']}".lstrip("/")
                confined.check(path)
                if entry.get("is_dir"):
                    folders.append(path)
                else:
                    yield path

    def download(self, place: str, path: str) -> bytes:
        """The file at `path` below the artifact URI `place`."""
        return self._request("GET", f"{_ARTIFACTS}/{quote(f'{self._served(place)}/{path}')}")

    def _served(self, place: str) -> str:
        parts = urlsplit(place)
        if parts.scheme != _SERVED:
            raise MlflowError(
                f"MLflow at {self.uri}: keeps artifacts at {place}, where this server's clients must reach them"
                " themselves; run it with --serve-artifacts, its default"
            )
        return parts.path.strip("/")

    def _request(self, method: str, path: str, data: bytes | None = None) -> bytes:
        kind = "application/json" if method == "POST" else "application/octet-stream"
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self.uri + path, data, headers={"Content-Type": kind, **_authorization(os.environ)}, method=method
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            raise self._refusal(path, error) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise MlflowError(f"MLflow at {self.uri}: does not answer ({reason}); is it up there?") from error

    def _refusal(self, path: str, error: urllib.error.HTTPError) -> MlflowError:
        call = path.partition("?")[0].removeprefix(f"{_CALLS}/")
        try:
            with error:
                said = json.loads(error.read())
            code, message = str(said["error_code"]), str(said["message"])
        except (OSError, ValueError, KeyError, TypeError):
            code, message = str(error.code), str(error.reason)
        kinds = {_NOT_THERE: _NotThereError, _THERE: _ThereError}
        line = " ".join(message.split())[:300]
        return kinds.get(code, MlflowError)(f"MLflow at {self.uri}: refused {call} ({code}): {line}")

    def _json(self, content: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise MlflowError(f"MLflow at {self.uri}: answered no JSON; is that an MLflow server?") from error
        if not isinstance(answer, dict):
            raise MlflowError(f"MLflow at {self.uri}: answered no JSON object; is that an MLflow server?")
        return answer


class _NotThereError(MlflowError):
    """The server has no such thing."""


class _ThereError(MlflowError):
    """The server has that thing already."""


class _SameOrigin(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to the same scheme, host and port alone: the name, password or token is for no other."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if _origin(newurl) == _origin(req.full_url):
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        fp.close()
        there = urlsplit(newurl)
        address = f"{there.scheme}://{there.netloc.rpartition('@')[2]}"
        raise MlflowError(
            f"MLflow at {req.type}://{req.host}: sends us on to {address:.200}; if you trust that, give --tracking-uri"
            f" {address:.200}"
        )

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any:  # noqa: ANN401 - an answer
        """See the base class, which raises ValueError for an address that is none."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError as error:
            fp.close()
            raise MlflowError(f"MLflow at {req.type}://{req.host}: sends us on to no address ({error})") from error

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:  # a port that is none
        return "", address, None


def _authorization(environment: Mapping[str, str]) -> dict[str, str]:
    if token := environment.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    if name := environment.get("MLFLOW_TRACKING_USERNAME"):
        pair = f"{name}:{environment.get('MLFLOW_TRACKING_PASSWORD', '')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}
