"""What is left out of the wheels, tried on the very packages that the server runs on: this environment has them."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from onnx.parser import parse_model

from workbench.components.images.build_context import link_tree
from workbench.components.images.slimming import (
    ANY_PACKAGE,
    DEBUGGABLE,
    KNOWN_PACKAGES,
    TYPED,
    Rule,
    applicable,
    expression,
    slim,
)

INSTALLED = Path(sysconfig.get_path("platlib"))
DOUBLE = '<ir_version: 8, opset_import: ["": 17]> double (float[n, 2] x) => (float[n, 2] y) { y = Add(x, x) }'
SERVED = ("onnxruntime", "numpy", "httptools", "uvloop", "orjson")
TRIAL = """
import sys
sys.path.insert(0, sys.argv[1])
import httptools, numpy, onnxruntime, orjson, uvloop
async def answer():
    session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
    return session.run(None, {"x": numpy.linalg.inv(numpy.eye(2, dtype=numpy.float32))})[0]
assert uvloop.run(answer()).tolist() == [[2, 0], [0, 2]]
exec("from numpy import *")
assert numpy.fft.fft([1, 2]).real[0] == 3 and numpy.random.default_rng(0).integers(1) == 0
httptools.HttpRequestParser(object()).feed_data(b"GET / HTTP/1.1\\r\\n\\r\\n")
assert all(module.__file__.startswith(sys.argv[1]) for module in (httptools, numpy, onnxruntime, orjson, uvloop))
"""


def _paths(rule: Rule) -> list[str]:
    found = expression(rule.paths)
    return [
        name
        for package in (*SERVED, "numpy.libs", *TYPED)
        for path in (INSTALLED / package).rglob("*")
        if found.fullmatch(name := path.relative_to(INSTALLED).as_posix())
    ]


@pytest.mark.parametrize("rule", [*ANY_PACKAGE, *KNOWN_PACKAGES, DEBUGGABLE], ids=lambda rule: rule.reason)
def test_every_rule_still_leaves_something_out(rule: Rule) -> None:
    assert _paths(rule) != []


@pytest.mark.slow
def test_what_is_left_still_serves(tmp_path: Path) -> None:
    source, target, model = tmp_path / "whole", tmp_path / "slim", tmp_path / "model.onnx"
    for name in (*SERVED, "numpy.libs"):
        link_tree(INSTALLED / name, source / name)
    model.write_bytes(parse_model(DOUBLE).SerializeToString())

    slim(source, target, set(SERVED))

    assert _size(target) < 0.7 * _size(source)
    subprocess.run([sys.executable, "-IS", "-c", TRIAL, str(target), str(model)], check=True)


def test_nothing_of_the_cache_is_changed(tmp_path: Path) -> None:
    link_tree(INSTALLED / "httptools", tmp_path / "whole" / "httptools")
    before = _size(tmp_path / "whole")

    slim(tmp_path / "whole", tmp_path / "slim", set())

    assert _size(tmp_path / "whole") == before
    assert _size(tmp_path / "slim") < before / 2


def test_a_package_that_nobody_knows_keeps_all_but_tests_and_cython_sources(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "theirs"
    kept = {
        "__init__.py",
        "__init__.pyi",
        "include/theirs.h",
        "lib/theirs.a",
        "data.csv",
        "testing/tools.py",
        "tests.py",
    }
    for name in kept | {"tests/test_it.py", "deep/tests/data.pkl", "fast.pyx", "fast.pxd"}:
        (whole / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).write_text(name)

    slim(tmp_path / "whole", tmp_path / "slim", {"theirs"})

    slimmed = tmp_path / "slim" / "theirs"
    assert {path.relative_to(slimmed).as_posix() for path in slimmed.rglob("*") if path.is_file()} == kept


@pytest.mark.parametrize(
    ("beside", "path"),
    [
        ("onnxruntime-genai", "onnxruntime/capi/libonnxruntime.so.1.32.0"),
        ("onnx", "onnxruntime/quantization/quantize.py"),
    ],
)
def test_what_another_package_needs_stays_where_that_package_is(beside: str, path: str) -> None:
    def left_out(distributions: set[str]) -> bool:
        return any(expression(rule.paths).fullmatch(path) for rule in applicable(distributions))

    assert left_out({"onnxruntime", "numpy"})
    assert not left_out({"onnxruntime", "numpy", beside})


def test_the_packages_tried_here_are_those_that_are_served() -> None:
    locked = (Path(__file__).parents[2] / "requirements" / "scoring.txt").read_text()

    for name in SERVED:
        assert f"{name}=={importlib.metadata.version(name)} " in locked


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
