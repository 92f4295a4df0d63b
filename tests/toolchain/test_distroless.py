"""What stays of a Debian root: the rules and, where the engines are, the image that they make."""

from __future__ import annotations

import pytest

from workbench.toolchain.distroless import Cut, stanzas, staying

STATUS = """\
Package: libc6
Version: 2.36-9
Description: library
 more of it

Package: bash
Version: 5.2
"""


def test_a_cut_takes_all_but_what_it_spares() -> None:
    listed = ["/usr/bin/python3", "/usr/bin/env", "/usr/lib/libc.so.6"]
    cut = Cut("programs", ("/usr/bin/*",), ("/usr/bin/python3*",))

    assert staying(listed, [cut]) == {"/usr/bin/python3", "/usr/lib/libc.so.6"}


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("/usr/share/*", "/usr/share/x", True),
        ("/usr/share/*", "/usr/share/doc/x", False),
        ("/usr/share/**", "/usr/share/doc/x", True),
        ("/usr/lib/*.so", "/usr/lib/aXso", False),
        ("/usr/lib/x", "/usr/lib/xy", False),
    ],
)
def test_one_star_stays_in_a_folder_and_two_cross_them(pattern: str, path: str, *, taken: bool) -> None:
    assert Cut("a reason", (pattern,)).takes(path) is taken


def test_paths_are_those_of_a_merged_usr() -> None:
    assert staying(["/lib/libc.so.6", "/sbin/ldconfig", "/library"], []) == {
        "/usr/lib/libc.so.6",
        "/usr/sbin/ldconfig",
        "/library",
    }


def test_a_package_keeps_its_stanza() -> None:
    assert stanzas(STATUS, ["libc6"]) == {
        "libc6": "Package: libc6\nVersion: 2.36-9\nDescription: library\n more of it\n"
    }


def test_a_package_that_is_not_there_is_no_silent_gap() -> None:
    with pytest.raises(KeyError, match="zsh"):
        stanzas(STATUS, ["bash", "zsh"])
