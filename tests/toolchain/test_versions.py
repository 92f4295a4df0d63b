from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.errors import VersionsError
from workbench.toolchain.places import PROJECT, find_places
from workbench.toolchain.versions import FILE, read_versions

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.versions import Versions


def test_every_build_and_copy_has_a_committed_module(versions: Versions) -> None:
    modules = find_places({}, PROJECT).modules
    for engine in versions.engines.values():
        for module in (*(build.module for build in engine.builds), *(copy.module for copy in engine.copies)):
            asked = (modules / module / "go.mod").read_text()
            assert (modules / module / "go.sum").is_file() or "require" not in asked


def test_pulumi_is_the_same_version_in_python_and_in_go(versions: Versions) -> None:
    version = versions.engines["pulumi"].version
    assert f"\npulumi=={version} " in (PROJECT / "requirements" / "dev.txt").read_text()
    assert (
        f"github.com/pulumi/pulumi/pkg/v3 v{version} " in (PROJECT / "workbench/toolchain/go/pulumi/go.mod").read_text()
    )


def test_the_docker_provider_is_the_version_of_its_python_package(versions: Versions) -> None:
    version = versions.engines["pulumi-resource-docker"].version
    assert f"\npulumi-docker=={version} " in (PROJECT / "requirements" / "dev.txt").read_text()


def test_our_go_is_new_enough_for_every_module(versions: Versions) -> None:
    minimum = tuple(map(int, versions.go.minimum.split(".")))
    for path in (PROJECT / "workbench" / "toolchain" / "go").glob("*/go.mod"):
        asked = re.search(r"^go ([\d.]+)$", path.read_text(), re.MULTILINE)
        assert asked is not None
        assert tuple(map(int, asked.group(1).split("."))) <= minimum


def test_engines_that_share_a_library_share_its_version_so_that_it_is_compiled_once() -> None:
    engines = ("pulumi", "pulumi-language-python", "pulumi-resource-docker", "pulumi-resource-kubernetes")
    # Each engine is made for the one it names: another does not compile.
    own = {"github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"}
    versions: dict[str, set[str]] = {}
    for engine in engines:
        text = (PROJECT / "workbench" / "toolchain" / "go" / engine / "go.mod").read_text()
        for module, version in re.findall(r"^(?:require|\t)\s*(\S+) (v\S+)(?! =>)", text, re.MULTILINE):
            versions.setdefault(module, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1 and name not in own} == {}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('suite = "bookworm"', "", "the key 'suite' is missing"),
        ("[go]", "[go", "no TOML"),
        ('minimum = "1.26.0"', "", "a key too many or too few"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(tmp_path: Path, old: str, new: str, told: str) -> None:
    broken = tmp_path / "versions.toml"
    broken.write_text(FILE.read_text().replace(old, new))
    with pytest.raises(VersionsError, match=told) as caught:
        read_versions(broken)
    assert str(caught.value).startswith(f"{broken}: ")
    assert "\n" not in str(caught.value)
