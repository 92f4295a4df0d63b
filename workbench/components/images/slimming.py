"""What of the wheels stays out of a service's image, and why: the one place for it.

A rule for any package must be safe for packages that nobody here has seen: header files and type stubs look useless,
yet some packages read their own at run time. Everything else names the package that it is true of.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from workbench.components.images.build_context import link_tree
from workbench.components.images.debug_info import without_debug_info


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Files below site-packages (`**` crosses folders, `*` does not); kept if a distribution of `unless` is there."""

    reason: str
    paths: tuple[str, ...]
    unless: tuple[str, ...] = ()


TYPED = ("google", "httptools", "msgspec", "numpy", "onnxruntime", "opentelemetry", "orjson", "uvloop")
ANY_PACKAGE = (
    Rule(reason="packages' own tests; some hold pickles", paths=("tests/**", "**/tests/**")),
    Rule(reason="Cython's sources: only a compiler reads them", paths=("**.pyx", "**.pxd", "**.pxi")),
)
KNOWN_PACKAGES = (
    Rule(
        reason="ONNX Runtime for programs in C; Python's module has a copy of its own inside",
        paths=("onnxruntime/capi/libonnxruntime.so.*",),
        unless=("onnxruntime-*",),
    ),
    Rule(
        reason="prepares models; needs onnx, which is not there",
        paths=tuple(f"onnxruntime/{part}/**" for part in ("backend", "quantization", "tools", "transformers")),
        unless=("onnx",),
    ),
    Rule(
        reason="builds extensions; there is no compiler (f2py stays: `from numpy import *` takes it along)",
        paths=(
            "numpy/distutils/**",
            "numpy/_core/include/**",
            "numpy/_core/lib/**",
            "numpy/random/lib/**",
            "numpy/random/_examples/**",
        ),
    ),
    Rule(reason="compiled for NumPy's own tests", paths=("numpy/_core/_simd.*", "numpy/_core/_*_tests.*")),
    Rule(
        reason="types for checkers; none of these reads its own",
        paths=tuple(f"{package}/**.pyi" for package in TYPED),
    ),
)
# Built with all that a debugger wants: nine tenths of their size.
DEBUGGABLE = Rule(reason="for debuggers", paths=("httptools/**.so", "uvloop/**.so"))


def applicable(distributions: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules that hold where these distributions (normal names) are."""
    rules = (*ANY_PACKAGE, *KNOWN_PACKAGES)
    return tuple(rule for rule in rules if not any(_among(distributions, pattern) for pattern in rule.unless))


def slim(source: Path, target: Path, distributions: Collection[str]) -> None:
    """Fill `target` with what a service needs of the unpacked wheels in `source`, by links where nothing changes."""
    cut = expression(path for rule in applicable(distributions) for path in rule.paths)
    link_tree(source, target, lambda name: bool(cut.fullmatch(name)))
    debuggable = expression(DEBUGGABLE.paths)
    for path in target.rglob("*.so"):
        if debuggable.fullmatch(path.relative_to(target).as_posix()):
            _replace(path, without_debug_info(path.read_bytes()))


def expression(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return what fits a path below site-packages that fits one of `patterns`."""
    parts = (re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for pattern in patterns)
    return re.compile("|".join(parts))


def _replace(path: Path, content: bytes) -> None:
    """Write anew what may be a link to the cache's own file."""
    mode = path.stat().st_mode
    path.unlink()
    path.write_bytes(content)
    path.chmod(mode)
    os.utime(path, (0, 0))


def _among(distributions: Iterable[str], pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in distributions)
