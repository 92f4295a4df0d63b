"""A scoring service as a stack's state tells it: what serves, where, with which key; and calling it."""

import http.client
import json
import ssl
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from workbench.core import home
from workbench.core.errors import NoStackError, ServiceError
from workbench.registry.manifests import manifest
from workbench.stacks.services import contract, pulumi_cli
from workbench.stacks.services.contract import Contract
from workbench.stacks.services.request import Request

_ROUTE = (":GatewayRoute", ":ClusterRoute")
_KEYS, _GROUP = (":ServiceKeys",), (":ResourceGroup",)
_SHOWN = ("scoringUrl", "image", "manifest", "models", "servers")
_NO_STACK = "no stack named"
_TIMEOUT_SECONDS = 30
_OK = 200
_OTHERS_MAY = 0o077


@dataclass(frozen=True)
class Answer:
    """What run returned, as JSON has it; and NAME:VERSION of the model that answered, where it is one that is told."""

    value: Any
    model: str | None


@dataclass(frozen=True)
class Service:
    """One service of a stack; `state` has the outputs of its route, which changes only when traffic has moved.

    `first_stack` is the stack's name when its keys were made: `pulumi stack rename` moves no file.
    """

    name: str
    stack: str
    state: dict[str, Any]
    first_stack: str = ""

    @property
    def keys_folder(self) -> Path:
        """Where the caller's copies of both keys lie."""
        return home.keys(self.first_stack or self.stack, self.name)

    def document(self) -> dict[str, Any]:
        """What a caller may know of it."""
        shown = {key: self.state[key] for key in _SHOWN if key in self.state}
        return {"name": self.name, "stack": self.stack, **shown, "keysFolder": str(self.keys_folder)}

    def text(self, key: str) -> str:
        """One output. Raises ServiceError when the route does not tell it."""
        value = self.state.get(key)
        if not isinstance(value, str) or not value:
            raise ServiceError(
                f"stack {self.stack}: the state of {self.name} has no {key}; run: pulumi up -s {self.stack}"
            )
        return value

    def key(self, name: str = "primary") -> str:
        """One of the two keys from its file. Raises ServiceError when it is missing or others can read it."""
        path = self.keys_folder / name
        try:
            if path.stat().st_mode & _OTHERS_MAY:
                raise ServiceError(f"{path}: others can read this key; run: chmod 600 {path}")
            return path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ServiceError(f"{path}: cannot read the key ({error}); run: pulumi up -s {self.stack}") from error

    def contract(self) -> Contract:
        """What it takes and gives. Raises ManifestError when the manifest that it runs is not at hand."""
        found = manifest.find(self.text("manifest"))
        return contract.of(found.schema() if found.has_schema else None)

    def call(self, request: Request) -> Answer:
        """Its answer, whatever shape that has. Raises ServiceError with the service's own message when it refuses."""
        url = self.text("scoringUrl")
        status, body, headers = _post(url, self.key(), request)
        if status != _OK:
            raise ServiceError(f"{url} answered {status}: {_message(body) or 'nothing'}")
        try:
            value = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ServiceError(f"{url} answered 200 with what is not JSON; look at the service's log") from error
        name, version = unquote(headers.get("x-model") or ""), headers.get("x-model-version")
        return Answer(value, f"{name}:{version}" if name and version else None)


def find(stack: str, name: str) -> Service:
    """One service of a stack. Raises ServiceError when it does not serve, naming those that do."""
    known = find_all(stack)
    if name not in known:
        serving = f"it serves {', '.join(sorted(known))}" if known else f"it serves nothing; run: pulumi up -s {stack}"
        raise ServiceError(f"stack {stack}: does not serve {name!r}, {serving}")
    return known[name]


def find_all(stack: str) -> dict[str, Service]:
    """All that a stack serves, by name. Raises ServiceError."""
    known = resources(stack)
    first = {str(output.get("service")): str(output.get("stack") or "") for output in _outputs(known, *_KEYS)}
    named = {str(output["service"]): output for output in _outputs(known, *_ROUTE) if "service" in output}
    return {name: Service(name, stack, route, first.get(name, "")) for name, route in named.items()}


def prefix(stack: str) -> str:
    """What the names of a stack's things on its engine begin with, also of a renamed stack. Raises ServiceError."""
    made = [str(output["boundary"]) for output in _outputs(resources(stack), *_GROUP) if output.get("boundary")]
    return made[0] if made else f"{home.project_name()}-{stack}"


def _outputs(known: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    """The outputs of all resources of these kinds but those that are about to go."""
    return [each.get("outputs") or {} for each in known if each["type"].endswith(kinds) and not each.get("delete")]


def resources(stack: str) -> list[dict[str, Any]]:
    """The resources of the state of a stack of this project. Raises ServiceError."""
    home.stack_file(stack)
    found, own = exported(stack), home.project_name()
    for project in {str(each.get("urn", "")).split("::")[1:2][0] for each in found if "::" in str(each.get("urn"))}:
        if project != own:
            raise ServiceError(
                f"stack {stack}: is one of project {project!r}, this one is {own!r}; go to that one's folder"
            )
    return found


def exported(stack: str) -> list[dict[str, Any]]:
    """The resources of the state of any project's stack, by the name that pulumi knows it by. Raises ServiceError."""
    try:
        deployment = pulumi_cli.ask_json("stack", "export", stack=stack)["deployment"]
        resources: list[dict[str, Any]] = deployment.get("resources", [])
    except ServiceError as error:
        kind = NoStackError if _NO_STACK in str(error) else ServiceError
        raise kind(f"stack {stack}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ServiceError(
            f"stack {stack}: its state has no deployment; look at: pulumi stack export -s {stack}"
        ) from error
    return resources or []


def _post(url: str, key: str, request: Request) -> tuple[int, bytes, Message]:
    """Status, body and headers. No proxy and no redirect: the key goes to the host of `url` alone."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": request.media_type}
    try:
        connection.request("POST", parts.path, request.body, headers)
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    except ssl.SSLCertVerificationError as error:
        raise ServiceError(
            f"{url}: its certificate is not trusted ({error.verify_message.rstrip('.')}); if a CA of your own signed "
            "it, name that CA's file in SSL_CERT_FILE"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{url} cannot be reached ({error}); is the stack up?") from error
    finally:
        connection.close()


def _message(body: bytes) -> str:
    """The service's own message, else the body's first line."""
    answer = _json(body)
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        return str(answer["error"].get("message"))
    return body.decode(errors="replace").partition("\n")[0]


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
