"""The Open Inference Protocol v2 over REST: metadata, requests and responses, as its OpenAPI document names them.

Source: kserve/open-inference-protocol, specification/protocol/open_inference_rest.yaml. It moves no bytes and runs
nothing. Beyond the protocol, null in data is a missing value, where the service allows one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from workbench.server import answers, strict_json
from workbench.server.artifact import Model
from workbench.server.errors import Code, Detail, RequestError, RunError
from workbench.server.schema import Schema
from workbench.server.tensor_inputs import inputs_of, read_arguments
from workbench.server.tensor_outputs import JsonTensor, describe_outputs, write_tensors
from workbench.server.tensors import Tensor, read_tensor
from workbench.server.validator import LONGEST_ECHO, MOST_ERRORS, Limits, quoted, refuse, shown

PREFIX: Final = "/v2"
SERVER_VERSION: Final = "1.0"
PLATFORM: Final = "python"  # a score script answers, whatever it loads
BINARY: Final = b'"binary_data_size"'  # the mark of an extension that puts bytes behind the JSON


class Served(Protocol):
    """What this needs to know of a loaded service."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> Model | None: ...
    @property
    def schema(self) -> Schema | None: ...
    @property
    def limits(self) -> Limits: ...


@dataclass(frozen=True)
class InferenceRequest:
    """`arguments` are those of `run`; `outputs` are the names asked for, None for all."""

    arguments: dict[str, Any]
    id: str | None = None
    outputs: tuple[str, ...] | None = None
    parameters: Mapping[str, Any] | None = None


def server_metadata(service: Served) -> dict[str, Any]:
    return {"name": service.name, "version": SERVER_VERSION, "extensions": []}


def model_metadata(service: Served) -> dict[str, Any]:
    """Describe the model and its tensors: no inputs if it takes none, no outputs if the schema tells of none."""
    try:
        inputs = [each.describe() for each in inputs_of(service.schema)]
    except RequestError:
        inputs = []
    name, version = identity(service)
    return {
        "name": name,
        **({"versions": [version]} if version else {}),
        "platform": PLATFORM,
        "inputs": inputs,
        "outputs": describe_outputs(service.schema),
    }


def identity(service: Served) -> tuple[str, str | None]:
    """Return the name and version that answer: the model's, or the service's name if no one model does."""
    return (service.model.name, str(service.model.version)) if service.model else (service.name, None)


def names(service: Served, name: str, version: str | None) -> bool:
    """Tell whether a path with this name, and this version if any, means this service."""
    own_name, own_version = identity(service)
    return name == own_name and version in (None, own_version)


def read_request(service: Served, body: bytes) -> InferenceRequest:
    """Read the body of an inference request; raises RequestError (400) with up to 20 details."""
    document = _decode(body)
    inputs_of(service.schema)  # says so first if the service takes no tensors at all
    if not isinstance(document, dict) or not isinstance(document.get("inputs"), list):
        raise refuse([Detail("required", "the body must be an object with a list of inputs")])
    request_id, parameters = document.get("id"), document.get("parameters", {})
    if request_id is not None and not isinstance(request_id, str):
        raise refuse([Detail("type", f"the id is {shown(request_id)}; an id is a text")])
    if not isinstance(parameters, dict):
        raise refuse([Detail("type", "parameters must be an object")])
    outputs = _asked(document.get("outputs"))
    arguments = read_arguments(service.schema, service.limits, _tensors(document["inputs"]))
    return InferenceRequest(arguments, request_id, outputs, parameters)


def write_response(service: Served, request: InferenceRequest, result: object) -> bytes:
    """Write what `run` returned, as the outputs asked for.

    Raises RequestError (400) if there is no such output, RunError for a result that no tensor can hold.
    """
    name, version = identity(service)
    head = {"model_name": name, "model_version": version, "id": request.id}
    try:
        tensors = write_tensors(result, service.schema)
        outputs = _chosen(tensors, request.outputs)
        told = {key: value for key, value in head.items() if value is not None}
        return answers.encode({**told, "outputs": outputs})
    except (TypeError, ValueError, RecursionError) as error:
        raise RunError(f"run returned what no tensor can hold: {error}") from error


def write_error(error: RequestError) -> bytes:
    """Write `{"error": text}`, the text telling all details: there is no other place for them."""
    return orjson.dumps({"error": "; ".join(detail.message for detail in error.details) or str(error)})


def _decode(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        return strict_json.decode(body)
    except RequestError as error:
        if BINARY in body:
            raise RequestError(
                error.code, "tensors come as JSON alone; send no binary data (binary_data=False)"
            ) from None
        raise


def _tensors(documents: list[object]) -> list[Tensor]:
    tensors: list[Tensor] = []
    details: list[Detail] = []
    for number, document in enumerate(documents):
        try:
            tensors.append(read_tensor(document, number))
        except RequestError as error:
            details.extend(error.details)
        if len(details) == MOST_ERRORS:
            break
    if details:
        raise refuse(details)
    return tensors


def _asked(outputs: object) -> tuple[str, ...] | None:
    if outputs is None or outputs == []:
        return None
    if not isinstance(outputs, list):
        raise refuse([Detail("type", "outputs must be a list of objects with a name")])
    for number, each in enumerate(outputs):
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            raise refuse([Detail("type", f"outputs[{number}] must be an object with a name")])
    return tuple(dict.fromkeys(output["name"] for output in outputs))


def _chosen(tensors: list[JsonTensor], asked: tuple[str, ...] | None) -> list[JsonTensor]:
    """Take the outputs asked for, in that order; of no rows with no outputs told, there are none to miss."""
    if asked is None or not tensors:
        return tensors
    found = {tensor["name"]: tensor for tensor in tensors}
    there = ", ".join(found)
    unknown = [
        Detail("unknown", f"there is no output {quoted(name)}; the outputs are {there}", column=name[:LONGEST_ECHO])
        for name in asked
        if name not in found
    ]
    if unknown:
        raise RequestError(Code.BAD_INPUT, unknown[0].message, details=unknown[:MOST_ERRORS])
    return [found[name] for name in asked]
