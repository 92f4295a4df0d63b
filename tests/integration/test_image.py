"""What is in a service's image: Python, the wheels, our server, the manifest's files, and a list of it all. No more."""

from __future__ import annotations

import json
from typing import Any

import docker
import pytest

from tests.integration.workspace import SERVICE, Served

# What is installed, by what lies there and not by what anybody wrote down.
INSTALLED = """
import json, pathlib
from importlib.metadata import distributions
def fields(file):
    return dict(line.split(": ", 1) for line in file.read_text().splitlines() if ": " in line and line[0] != " ")
stanzas = [fields(file) for file in pathlib.Path("/var/lib/dpkg/status.d").iterdir()]
print(json.dumps({
    "python": [[each.name, each.version] for each in distributions(path=["/opt/workbench/packages"])],
    "debian": [[each["Package"], each["Version"]] for each in stanzas],
}))
"""
LOOSE = """
import json, os, stat
found = []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in {"/proc", "/sys", "/dev", "/tmp"}]
    for name in [*folders, *files]:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if mode & (stat.S_ISUID | stat.S_ISGID) or (os.access(path, os.W_OK) and not stat.S_ISLNK(mode)):
            found.append(path)
print(json.dumps(found))
"""
UNCOMPILED = """
import importlib.util, json, pathlib
sources = [path for root in ("/opt/workbench/packages", "/opt/workbench/workbench/server", "/usr/lib/python3.11")
           for path in pathlib.Path(root).rglob("*.py")]
print(json.dumps([str(path) for path in sources if not pathlib.Path(importlib.util.cache_from_source(path)).exists()]))
"""


@pytest.fixture(scope="module")
def image(served: Served, engine: docker.DockerClient) -> str:
    labels = [f"workbench.stack={served.stack}", f"workbench.service={SERVICE}"]
    return str(engine.containers.list(filters={"label": labels})[0].attrs["Config"]["Image"])


def _ask(engine: docker.DockerClient, image: str, program: str) -> Any:
    """Run a Python program in the image, as its own user, and read the JSON that it prints."""
    return json.loads(engine.containers.run(image, ["python3", "-c", program], remove=True, network_mode="none"))


def _document(engine: docker.DockerClient, image: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = _ask(engine, image, f"print(open('/opt/workbench/{name}').read())")
    return document


@pytest.mark.parametrize("program", ["sh", "bash", "ls", "env", "dpkg", "perl", "openssl", "pip"])
def test_there_is_no_program_but_python(image: str, engine: docker.DockerClient, program: str) -> None:
    with pytest.raises(docker.errors.APIError, match="executable file not found"):
        engine.containers.run(image, [program], remove=True, network_mode="none")


def test_its_bill_of_materials_lists_what_is_installed(image: str, engine: docker.DockerClient) -> None:
    components = _document(engine, image, "sbom.cdx.json")["components"]
    found = _ask(engine, image, INSTALLED)

    def listed(kind: str) -> set[tuple[str, str]]:
        return {(each["name"], each["version"]) for each in components if each.get("purl", "").startswith(kind)}

    assert listed("pkg:deb/") == {(name, version) for name, version in found["debian"]}
    assert listed("pkg:pypi/") == {(name.lower().replace("_", "-"), version) for name, version in found["python"]}
    assert len(found["debian"]) > 10


def test_its_documents_name_the_manifest_and_models_that_serve(
    served: Served, image: str, engine: docker.DockerClient
) -> None:
    build = _document(engine, image, "build.json")["predicate"]["buildDefinition"]
    components = _document(engine, image, "sbom.cdx.json")["components"]

    assert build["externalParameters"] == {"manifest": served.model["manifest"], "service": SERVICE}
    assert [each["hashes"][0]["content"] for each in components if each["type"] == "machine-learning-model"] == [
        served.model["digest"].removeprefix("sha256:")
    ]


def test_nothing_in_it_is_set_user_id_or_writable_by_the_server(image: str, engine: docker.DockerClient) -> None:
    assert _ask(engine, image, LOOSE) == []


def test_nothing_is_left_to_compile_at_a_start(image: str, engine: docker.DockerClient) -> None:
    assert _ask(engine, image, UNCOMPILED) == []
