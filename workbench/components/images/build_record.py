"""How a service's image was built: an in-toto statement with SLSA provenance, the same for the same image.

Its subject is the build context, by the digest that the image's tag begins: the record lies in the image, so it can't
name the image's own digest. Who signs images attests that one beside it.
"""

from __future__ import annotations

from typing import Any

from workbench.components.images.materials import Materials
from workbench.core.canonical import sha256_file

BUILD_TYPE = "urn:churn-workbench:service-image:1"
BUILDER = "urn:churn-workbench:docker-engine"


def build_record(materials: Materials) -> dict[str, Any]:
    manifest = materials.manifest
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"{manifest.name}:{materials.tag}", "digest": {"sha256": materials.identity}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"manifest": manifest.id, "service": manifest.name},
                "internalParameters": {"base": materials.base, "network": "none", "tag": materials.tag},
                "resolvedDependencies": _dependencies(materials),
            },
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }


def _dependencies(materials: Materials) -> list[dict[str, Any]]:
    manifest = materials.manifest
    named = {
        "manifest.json": manifest.id,
        "requirements.txt": manifest.requirements_sha256,
        "scoring": materials.server_digest,
        **{f"models/{model['name']}/{model['version']}": model["digest"] for model in manifest.models},
        **{path.name: sha256_file(path) for path in materials.recipe},
    }
    files = [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}} for name, digest in named.items()]
    return [*files, *({"uri": each.purl} for each in materials.debian)]
