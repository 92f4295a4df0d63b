"""The software bill of materials of a service's image: CycloneDX 1.6 as JSON, the same for the same image.

It holds no time and no random number; its serial number comes from what it says. A wheel's hash is that of the file
that was fetched; what of it stays out of the image are properties of the image.
"""

from __future__ import annotations

import json
import re
import uuid
from importlib.metadata import Distribution
from typing import Any

from workbench.components.images.materials import DebianPackage, Materials, wheel_purl
from workbench.components.images.slimming import DEBUGGABLE, applicable
from workbench.registry.manifests.wheels import Wheel, normal

_SERVER, _PYTHON = "scoring", "cpython"
_PYTHON_PACKAGE = re.compile(r"libpython3\.\d+-minimal")
_UPSTREAM = re.compile(r"(?:\d+:)?([0-9.]+)")
_REQUIRED = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST_NAME = 64

Component = dict[str, Any]


def bill_of_materials(materials: Materials) -> dict[str, Any]:
    image, server = _image(materials), _server(materials)
    models = [_model(model) for model in materials.manifest.models]
    packages, systems = [_package(each) for each in materials.debian], _systems(materials.debian)
    platforms = [_platform(each) for each in materials.debian if _PYTHON_PACKAGE.fullmatch(each.name)]
    installed = materials.installed()
    wheels = {wheel.name: _wheel(wheel, installed[wheel.name]) for wheel in materials.wheels}
    needs = {
        image["bom-ref"]: _references([server, *models, *systems, *packages]),
        server["bom-ref"]: _references([*platforms, *wheels.values()]),
        **{wheels[name]["bom-ref"]: _references(_needed(installed[name], wheels)) for name in wheels},
    }
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"lifecycles": [{"phase": "build"}], "component": image},
        "components": [server, *models, *wheels.values(), *platforms, *systems, *packages],
        "dependencies": [{"ref": ref, "dependsOn": needs[ref]} for ref in sorted(needs)],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return {**document, "serialNumber": f"urn:uuid:{serial}"}


def _image(materials: Materials) -> Component:
    manifest = materials.manifest
    rules = applicable({wheel.name for wheel in materials.wheels})
    facts = [("manifest", manifest.id), ("base", materials.base), ("identity", f"sha256:{materials.identity}")]
    facts += [("left-out", f"{' '.join(rule.paths)}: {rule.reason}") for rule in (*rules, DEBUGGABLE)]
    return {
        "type": "container",
        "bom-ref": f"image:{manifest.name}@{materials.tag}",
        "name": manifest.name,
        "version": materials.tag,
        "components": [_file(part) for each in ("score", "schema") if (part := manifest.document[each])],
        "properties": [{"name": f"workbench:{name}", "value": value} for name, value in facts],
    }


def _server(materials: Materials) -> Component:
    digest = materials.server_digest
    return _component("application", "scoring", digest[:12], _SERVER, hashes=_sha256(digest))


def _model(model: dict[str, Any]) -> Component:
    name, version = str(model["name"]), str(model["version"])
    return _component(
        "machine-learning-model",
        name,
        version,
        f"model:{name}@{version}",
        hashes=_sha256(model["digest"]),
        components=[_file(each) for each in model["files"]],
    )


def _wheel(wheel: Wheel, about: Distribution) -> Component:
    purl = wheel_purl(wheel)
    return _component(
        "library", wheel.name, wheel.version, purl, purl=purl, hashes=_sha256(wheel.sha256), **_licences(about)
    )


def _licences(about: Distribution) -> Component:
    """An SPDX expression where the wheel has one, else what it calls its licence if that is a name and no text."""
    said = about.metadata.json
    if expression := said.get("license_expression"):
        return {"licenses": [{"expression": expression}]}
    name = said.get("license", "")
    return {"licenses": [{"license": {"name": name}}]} if 0 < len(name) <= _LONGEST_NAME else {}


def _package(package: DebianPackage) -> Component:
    return _component("library", package.name, package.version, package.purl, purl=package.purl)


def _platform(package: DebianPackage) -> Component:
    """CPython itself; its patches are Debian's, so the package says more."""
    found = _UPSTREAM.match(package.version)
    version = found.group(1) if found else package.version
    return _component("platform", "CPython", version, _PYTHON, purl=f"pkg:generic/cpython@{version}")


def _systems(packages: tuple[DebianPackage, ...]) -> list[Component]:
    found = sorted({package.distribution for package in packages})
    parts = [(name, *name.rsplit("-", 1)) for name in found]
    return [_component("operating-system", name, version, reference) for reference, name, version in parts]


def _component(kind: str, name: str, version: str, reference: str, **more: object) -> Component:
    return {"type": kind, "bom-ref": reference, "name": name, "version": version, **more}


def _file(entry: dict[str, Any]) -> Component:
    return {"type": "file", "name": entry["path"], "hashes": _sha256(entry["sha256"])}


def _sha256(digest: str) -> list[Component]:
    return [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}]


def _needed(about: Distribution, wheels: dict[str, Component]) -> list[Component]:
    """The wheels that one requires without an extra; what a marker leaves out is not among `wheels`."""
    lines = [line for line in about.requires or [] if "extra ==" not in line]
    names = {normal(found.group()) for line in lines if (found := _REQUIRED.match(line))}
    return [wheels[name] for name in sorted(names & wheels.keys())]


def _references(components: list[Component]) -> list[str]:
    return sorted(component["bom-ref"] for component in components)
