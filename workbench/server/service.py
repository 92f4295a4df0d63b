"""What is served: a verified service folder turned into one function from a request body to an answer."""

import logging
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from workbench.server import artifact, contract, inference, script, unpickling
from workbench.server.batch import Batch
from workbench.server.decoder import Decoder
from workbench.server.errors import RequestError, RunError, ScriptError
from workbench.server.logs import event
from workbench.server.request import JSON, Header
from workbench.server.schema import Schema, read_schema
from workbench.server.validator import Limits

WARM_UPS: Final = 3


class Answer(NamedTuple):
    """A body and how many rows it answers."""

    content: bytes
    rows: int


@dataclass(frozen=True)
class Service:
    """A loaded service. `model` is the one that answers; None if the manifest names none or several."""

    name: str
    manifest: artifact.Manifest
    model: artifact.Model | None
    schema: Schema | None
    limits: Limits
    decoder: Decoder | None
    script: script.Script
    batch: Batch | None

    @cached_property
    def headers(self) -> list[Header]:
        """What every answer of the model says beside its body."""
        return contract.model_headers(self.model)

    @cached_property
    def written_headers(self) -> bytes:
        """The same as a head has them."""
        return b"".join(b"%s: %s\r\n" % header for header in self.headers)

    def read(self, content_type: bytes | None, body: bytes) -> dict[str, Any]:
        """Take the arguments of `run` from a body of /score; raises RequestError for the caller's mistakes."""
        if self.decoder is None:
            return {script.RAW: contract.read_raw(body)}
        contract.check_content_type(content_type)
        return self.decoder.decode(body)

    def rows(self, arguments: Mapping[str, Any]) -> int | None:
        """Count the rows asked for; None if there is no one number. Before `run`: it may change its arguments."""
        return self.schema.rows(arguments) if self.schema else None

    def write(self, result: Any, rows: int | None) -> Answer:  # noqa: ANN401 - a script answers what it likes
        """Write what `run` returned; raises RunError if that is nothing JSON can hold."""
        try:
            return Answer(contract.write_result(result, rows, self.model), 1 if rows is None else rows)
        except (TypeError, ValueError, RecursionError) as error:
            raise RunError(f"run returned what JSON can't hold: {error}") from error

    def score(self, content_type: bytes | None, body: bytes) -> Answer:
        """Answer a body of /score; raises RequestError for the caller's mistakes, RunError for the script's."""
        arguments = self.read(content_type, body)
        rows = self.rows(arguments)
        return self.write(self.script.run(**arguments), rows)

    def infer(self, content_type: bytes | None, body: bytes) -> Answer:
        """Answer a body of the Open Inference Protocol; raises as `score` does."""
        if content_type is not None:  # the protocol's own clients send none
            contract.check_content_type(content_type)
        request = inference.read_request(self, body)
        rows = self.rows(request.arguments)
        return Answer(inference.write_response(self, request, self.script.run(**request.arguments)), rows or 1)

    def warm_up(self) -> None:
        """Score the schema's own examples; raises ScriptError if the script fails on them."""
        examples = self.schema.examples() if self.schema else None
        if examples is None:
            return
        body = orjson.dumps(examples)
        try:
            for _ in range(WARM_UPS):
                self.score(JSON.encode(), body)
            if self.batch is not None and (rows := next(iter(self.read(JSON.encode(), body).values()))):
                self.batch.learn(rows)
        except RequestError as error:
            event(logging.WARNING, "example_refused", reason=str(error), effect="the service starts without a warm-up")
        except RunError as error:
            cause = error.__cause__ or error
            text = f"run() failed on the schema's own example: {type(cause).__name__}: {cause}"
            raise ScriptError(" ".join(text.split())) from cause


def load(name: str, folder: Path, limits: Limits, forbid: Callable[[], None] = unpickling.refuse) -> Service:
    """Verify the folder, start its score script and warm it up; raises StartError.

    The process's working directory is expected to be `folder`: that is where a score script finds its models. `forbid`
    bars unpickling from this process for good, before the script is seen.
    """
    manifest = artifact.read_manifest(folder)
    artifact.verify(folder, manifest)
    if not manifest.unpickle:
        forbid()
    schema = read_schema(folder / manifest.schema.path) if manifest.schema else None
    if manifest.dependencies:
        # Last, so that a module of theirs never hides one that the server needs.
        sys.path.append(str(folder))
    started = script.start(folder / manifest.score.path, schema)
    service = Service(
        name=name,
        manifest=manifest,
        model=manifest.models[0] if len(manifest.models) == 1 else None,
        schema=schema,
        limits=limits,
        decoder=Decoder(schema, limits) if schema else None,
        script=started,
        batch=_batch(started, schema),
    )
    service.warm_up()
    return service


def _batch(started: script.Script, schema: Schema | None) -> Batch | None:
    """What scores requests together: for a quick script whose one argument is a table."""
    tables = [argument for argument in schema.arguments if argument.columns is not None] if schema else []
    if not started.quick or schema is None or len(tables) != 1 or len(schema.arguments) != 1:
        return None
    name = tables[0].name
    # Cells without a kind may hold lists and objects, which a copy of the row alone would share.
    plain = all(column.kind for column in (tables[0].columns or {}).values())
    return Batch(lambda rows: started.run(**{name: rows}), dict.copy if plain else deepcopy)
