"""What is served: a verified service folder turned into one function from a request body to an answer."""

from dataclasses import dataclass
from pathlib import Path

import orjson

from scoring import artifact, contract, script, swagger
from scoring.schema import Schema, read_schema


@dataclass(frozen=True)
class Service:
    """A loaded service. `model` is the one that answers; None if the manifest names none or several."""

    model: artifact.Model | None
    schema: Schema | None
    script: script.Script
    swagger: bytes

    def score(self, content_type: str | None, body: bytes) -> bytes:
        """Answer a body, as JSON; raises RequestError for the caller's mistakes, RunError for the script's."""
        if self.schema is None:
            return contract.write_result(self.script.run(contract.read_raw(body)), None, self.model)
        arguments = contract.read_arguments(self.schema, content_type, body)
        # Counted before run sees the lists: a script may change them in place.
        rows = self.schema.rows(arguments)
        return contract.write_result(self.script.run(**arguments), rows, self.model)


def load(name: str, folder: Path) -> Service:
    """Verify the folder, start its score script and describe it; raises StartError.

    The process's working directory is expected to be `folder`: that is where a score script finds its models.
    """
    manifest = artifact.read_manifest(folder)
    artifact.verify(folder, manifest)
    schema = read_schema(folder / manifest.schema.path) if manifest.schema else None
    model = manifest.models[0] if len(manifest.models) == 1 else None
    return Service(
        model=model,
        schema=schema,
        script=script.start(folder / manifest.score.path, schema.names if schema else None),
        swagger=orjson.dumps(swagger.describe(name, manifest, model, schema)),
    )
