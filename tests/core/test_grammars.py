"""Texts for other programs: what fits a grammar, and that nothing hostile fits any."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from workbench.core import grammars
from workbench.core.grammars import Grammar

ALL = {name: each for name, each in vars(grammars).items() if isinstance(each, Grammar)}
FUZZED = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")), deadline=None, database=None)
LETTERS = some.text(alphabet="abzAZ019._-/:@ ~+=,;<>[]%&?!\\'\"`$(){}|#*\n\r\0\t\u0661é\u2028\ud800")
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize("name", ALL)
@pytest.mark.fuzz
@FUZZED
@given(text=LETTERS)
def test_what_fits_is_one_line_no_option_and_nothing_that_a_shell_or_make_expands(name: str, text: str) -> None:
    fits = ALL[name].fits(text)
    assert not (fits and (text.startswith("-") or not text.isascii() or set(text) & set("\n\r\0\t$`\\\"'(){}|#*")))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("text", ["", "-x", "--rm", "a\n", "\na", "$(id)", "a`id`", "a" * 5000, "a b\0", 1, None, b"a"])
def test_hostile_texts_fit_none(name: str, text: object) -> None:
    assert not ALL[name].fits(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("IMAGE", "python"),
        ("IMAGE", "python:3.11-slim"),
        ("IMAGE", "microsoft/mmlspark:plus-0.7.91"),
        ("IMAGE", f"Registry.example.com:5000/a/b__c:1@{DIGEST}"),
        ("IMAGE", DIGEST),
        ("IMAGE", f"[::1]:5000/x@{DIGEST}"),
        ("IMAGE_BY_DIGEST", f"127.0.0.1:5000/churnpred@{DIGEST}"),
        ("REGISTRY", "registry.example.com/team"),
        ("ADDRESS", "build.example.com:22"),
        ("SCRIPT", "src/train_2.py"),
        ("SOURCE", "vendor/churn_workbench-0.1.0-py3-none-any.whl"),
        ("SOURCE", "churn-workbench==0.1.0"),
        ("SOURCE", "churn-workbench @ git+https://example.com/x.git@0123abc"),
        ("SOURCE", "churn-workbench[s3]>=0.1,<1; python_version<4"),
        ("SOURCE", "churn-workbench@git+https://example.com:8443/x.git@v1/2?a=b"),
        ("SOURCE", "churn-workbench @ file:///srv/x@2/x.whl"),
        ("SOURCE", "vendor/x@2.whl"),
        ("PROGRAM", "/usr/bin/python3.11"),
        ("PROGRAM", ".venv/bin/python"),
        ("FOLDER", "/srv/shared data"),
        ("SPARK_SETTING", "spark.sql.shuffle.partitions"),
        ("SERVICE", "churn-pred.2"),
    ],
)
def test_what_people_write_fits(name: str, text: str) -> None:
    assert ALL[name].fits(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("IMAGE", "Python"),
        ("IMAGE", "a//b"),
        ("IMAGE", "a:b:c"),
        ("IMAGE", "a@sha256:1"),
        ("IMAGE", "https://example.com/a"),
        ("IMAGE_BY_DIGEST", "a:1"),
        ("ADDRESS", "ada@host"),
        ("ADDRESS", "host:\u0661"),
        ("ADDRESS", "-oProxyCommand=x"),
        ("FOLDER", "/a,source=/"),
        ("FOLDER", "relative"),
        ("SCRIPT", "a$(shell id).py"),
        ("SCRIPT", "../train.py"),
        ("SCRIPT", "train.py;id"),
        ("SOURCE", "git+https://ada:pw@example.com/x.git"),
        ("SOURCE", "git+https://token@example.com/x.git"),
        ("SOURCE", "x @ git+https://token@example.com/x.git@v1"),
        ("SOURCE", "x @ https://example.com/x.whl https://t@example.com/y"),
        ("SOURCE", "git+ssh://git@example.com/x.git"),
        ("SOURCE", "x@https:token@example.com/x"),
        ("SOURCE", "ada:pw@example.com/x.git"),
        ("SOURCE", "token@example.com/x.git"),
        ("SOURCE", "x @ token@example.com/x.git"),
        ("SOURCE", "git@example.com:team/x.git"),
        ("SOURCE", "x @ https://@example.com/x"),
        ("SERVICE", "a..b"),
        ("SERVICE", "ab"),
        ("SERVICE", "a" * 33),
    ],
)
def test_what_the_program_would_refuse_or_misread_does_not_fit(name: str, text: str) -> None:
    assert not ALL[name].fits(text)


def test_a_line_has_tabs_and_any_language_but_no_control_character_and_no_half_of_one() -> None:
    assert all(map(grammars.is_line, ["", "Example Value", "a\tb", "Grüße 一 🙂", "$HOME `id`"]))
    assert not any(map(grammars.is_line, ["a\nb", "a\r", "\0", "\x7f", "\x1b[1m", "\ud800"]))
