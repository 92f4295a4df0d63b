from __future__ import annotations

import pytest

from workbench.toolchain.errors import MissingError
from workbench.toolchain.machine import GIB, go_architecture, memory_bytes


def test_machines_have_gos_words() -> None:
    assert (go_architecture("x86_64"), go_architecture("aarch64")) == ("amd64", "arm64")


def test_a_machine_that_nothing_is_pinned_for_is_told() -> None:
    with pytest.raises(MissingError, match="no engines are pinned for riscv64; use an x86_64 or aarch64 machine"):
        go_architecture("riscv64")


def test_memory_is_in_bytes() -> None:
    assert memory_bytes() > GIB // 4
