"""Requirement lines: what becomes of any text. With FUZZ_EXAMPLES=100000 in the environment so many texts are tried."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from packaging.requirements import Requirement

from workbench.core.errors import WheelsError
from workbench.experiments.configurations import conda
from workbench.experiments.configurations.settings_file import ConfigurationError, Located
from workbench.registry.manifests import requirement_lines

Line = TypeVar("Line")
FUZZED = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")), deadline=None, database=None)
ZEROS = f"--hash=sha256:{'0' * 64}"
PIECES = [
    *("numpy", "NumPy", "tzdata", "python", "tabulate", "ruamel_yaml", "azureml", "x", "_", "2019-02-30", "é", "一"),
    *("=", "==", "===", ">=", "<=", "!=", "~=", "<", ">", "=>", "|", ",", "*", "@", ";", "(", ")", "[", "]", "{", "}"),
    *(".whl", ".tar.gz", ".ZIP"),
    *("1", "1.26.4", "2023c", "1!2.0", "1.0rc1", "1.0+local_1", "9" * 30, "1.*", "py311_0", ".", "-", "--", "::"),
    *("\n", "\r", "\0", "\t", " ", "  ", "\x0b", "\x1c", "\u2028", "\ud800", "\\", "\\\n", "'", '"', "#", " # x", "`"),
    *("$", "${CI_JOB_TOKEN}", "$(id)", "%TEMP%", "~/", "/etc/passwd", "../x.whl", "file:///x", "https://a:b@h/x.whl"),
    *("--index-url http://h", "-r x.txt", "-e .", "--hash=sha256:", ZEROS, "--pre", "git+https://h/x"),
    *(
        "; python_version < '4'",
        'and os_name == "a"',
        "extra == 'b'",
        "or",
        "not in",
        "(" * 300,
        "[a,b]",
        "conda-forge::",
    ),
]
TEXTS = some.lists(some.one_of(some.sampled_from(PIECES), some.text(max_size=5)), max_size=8).map("".join)
ENTRIES = some.one_of(
    TEXTS, some.lists(TEXTS, max_size=3), some.integers(), some.none(), some.floats(), some.booleans()
)


def _is_sound(text: str) -> bool:
    """Whether a line is one requirement that comes back from packaging as it is, and no more than that."""
    bare, *hashes = text.split(" --hash=")
    return (
        str(Requirement(bare)) == bare
        and not bare.startswith("-")
        and re.search(r"[\n\r$\\#/@`]", bare) is None
        and re.search(r"\.(whl|tar\.gz|zip)$", re.split(r"[\[; ]", bare)[0], re.IGNORECASE) is None
        and all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes)
    )


def _read(read: Callable[[], list[Line]]) -> tuple[list[Line], str]:
    """What it reads, or the error that a person sees instead."""
    try:
        return read(), ""
    except (ValueError, WheelsError, ConfigurationError) as error:
        return [], str(error)


@pytest.mark.fuzz
@FUZZED
@given(TEXTS)
def test_any_text_is_a_sound_requirement_or_one_reason(text: str) -> None:
    lines, said = _read(lambda: [requirement_lines.parse(text)])
    assert "\n" not in f"{requirement_lines.shown(text)} {said}"
    assert [line for line in lines if not _is_sound(str(line)) or requirement_lines.parse(str(line)) != line] == []


@pytest.mark.fuzz
@FUZZED
@given(ENTRIES, some.booleans())
def test_any_entry_of_a_conda_file_is_a_sound_requirement_or_one_reason(entry: object, pip: bool) -> None:
    value = [Located(each, 1) for each in entry] if isinstance(entry, list) else entry
    item = Located({"pip": Located(value if isinstance(value, list) else [Located(value, 1)], 1)}, 1)
    found = conda.Translation()
    refused = conda.take(item if pip else Located(value, 1), found, "3.11")
    assert [line for line in [*refused, *found.remarks] if "\n" in line] == []
    assert [line for line in found.requirements if not _is_sound(line)] == []


@pytest.mark.fuzz
@FUZZED
@given(text=TEXTS)
def test_any_requirements_file_is_sound_requirements_or_one_error(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.txt"
    path.write_bytes(text.encode(errors="surrogatepass"))
    lines, said = _read(lambda: requirement_lines.read(path))
    assert "\n" not in said
    assert [line for line in lines if not _is_sound(str(line))] == []


@pytest.mark.fuzz
@FUZZED
@given(text=TEXTS)
def test_any_text_as_a_conda_file_is_requirements_or_one_error(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.yml"
    path.write_bytes(f"dependencies:\n  - {text}".encode(errors="surrogatepass"))
    lines, said = _read(lambda: conda.read(path, "3.11").requirements)
    assert "\n" not in said
    assert [line for line in lines if not _is_sound(line)] == []


def test_a_requirements_file_is_read_as_pip_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(
        f"\ufeff# needed\nnumpy >= 1.26  # fast\r\n\ntabulate==0.9.0 \\\n    {ZEROS}\nx; python_version<'4'"
    )
    lines = requirement_lines.read(path)
    assert [str(line) for line in lines] == [
        "numpy>=1.26",
        f"tabulate==0.9.0 {ZEROS}",
        'x; python_version < "4"',
    ]


@pytest.mark.parametrize(
    "line",
    [
        "-r other.txt",
        "-e .",
        "--index-url https://example.com",
        "./x.whl",
        "x @ file:///x",
        "${NAME}",
        "$(id)",
        "x\u2028-e .",
        "x-1.0-py3-none-any.whl",
        "x-1.0.tar.gz",
        "x.ZIP[extra]; python_version<'4'",
        "x.tgz>=1",
        "x.tar.bz2",
        "x.tar.xz",
        "x.tar",
        "x.egg",
        "x===1.0.whl",
        "x==1.0,===1.tar.gz",
    ],
)
def test_a_line_that_is_more_than_a_package_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f"numpy\n\n{line}\n")
    with pytest.raises(WheelsError, match="line 3: ") as caught:
        requirement_lines.read(path)
    assert str(caught.value).startswith(f"{path}: ")
