from __future__ import annotations

import ctypes
import sysconfig
from pathlib import Path

from workbench.components.images.debug_info import without_debug_info

[LIBRARY] = (Path(sysconfig.get_path("platlib")) / "httptools" / "parser").glob("url_parser.*.so")


def test_a_library_is_loaded_as_before(tmp_path: Path) -> None:
    slim = without_debug_info(LIBRARY.read_bytes())
    (tmp_path / "slim.so").write_bytes(slim)

    assert len(slim) < LIBRARY.stat().st_size / 2
    assert ctypes.CDLL(str(tmp_path / "slim.so")).PyInit_url_parser
    assert b".debug_info" not in slim


def test_what_has_none_stays_as_it_is() -> None:
    slim = without_debug_info(LIBRARY.read_bytes())

    assert without_debug_info(slim) == slim
    assert without_debug_info(b"no library") == b"no library"
    assert without_debug_info(b"") == b""
