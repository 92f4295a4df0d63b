import os
import pty
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from workbench.cli import main
from workbench.cli.changes import Change, agreed
from workbench.cli.main import Workbench
from workbench.cli.printing import Output
from workbench.cli.progress import waiting
from workbench.core.errors import ParameterError, RunError

PROGRAM = [sys.executable, "-c", "from workbench.cli.main import main; main()"]


def _group() -> Workbench:
    command = typer.main.get_command(main.app)
    assert isinstance(command, Workbench)
    return command


def _verbs() -> Iterator[tuple[str, Any]]:
    """Every verb that does something, by its words; not those that are hidden, which are other spellings."""
    group = _group()

    def below(words: str, command: Any) -> Iterator[tuple[str, Any]]:
        if not (hasattr(command, "commands") or command.hidden):
            yield words, command
        for name, each in getattr(command, "commands", {}).items():
            yield from below(f"{words} {name}", each)

    for name in group.commands:
        yield from below(name, group.load(name))


VERBS = dict(_verbs())
# What stands behind a script's name is the script's.
OWN_OPTIONS = {words: verb for words, verb in VERBS.items() if not verb.context_settings.get("ignore_unknown_options")}


def _examples(help_text: str) -> list[str]:
    return [line.strip() for line in help_text.partition("Examples:\n")[2].splitlines()]


@pytest.mark.parametrize("words", VERBS)
def test_every_verb_has_help_that_ends_with_examples_of_itself(call: Any, words: str) -> None:
    code, out, _ = call(*words.split(), "--help")
    assert code == 0
    assert VERBS[words].help.strip()
    examples = _examples(out)
    assert examples, f"workbench {words}: give its docstring a line 'Example: workbench {words} …'"
    for example in examples:
        assert example.startswith(f"workbench {words}"), example


@pytest.mark.parametrize("words", OWN_OPTIONS)
def test_every_example_can_be_typed(call: Any, words: str) -> None:
    """As far as can be told without doing it: each option is one of the verb's."""
    known = {option for parameter in VERBS[words].params for option in parameter.opts} | {"--help"}
    for example in _examples(call(*words.split(), "--help")[1]):
        typed = shlex.split(example.partition(" -- ")[0], comments=True)
        options = {
            word.partition("=")[0] for word in typed if word[0] == "-" and word[1:2].isalpha() | (word[:2] == "--")
        }
        assert options - {word for word in options if word.startswith("-metric")} <= known, example


@pytest.mark.parametrize("words", VERBS)
def test_a_mistyped_verb_is_corrected(call: Any, words: str) -> None:
    *before, verb = words.split()
    wrong = verb[0] + verb[2:] if len(verb) > 3 else verb + verb[-1]
    code, out, err = call(*before, wrong)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"'{verb}'" in err
    assert "Did you mean" in err


@pytest.mark.parametrize("words", OWN_OPTIONS)
def test_a_mistyped_option_is_corrected(call: Any, words: str) -> None:
    longest = max((option for each in VERBS[words].params for option in each.opts if option[:2] == "--"), key=len)
    code, out, err = call(*words.split(), f"{longest}x")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"did you mean {longest}" in err


def test_the_table_says_what_the_verbs_say_themselves() -> None:
    group = _group()
    for verb in group.table:
        assert group.load(verb.name).help.partition("\n")[0].startswith(verb.help.rstrip(".")), verb.name


def test_the_top_level_help_names_every_verb_on_one_line_each(call: Any) -> None:
    code, out, _ = call("--help")
    listed = out.partition("Commands:\n")[2].splitlines()
    assert (code, [line.split()[0] for line in listed]) == (0, [verb.name for verb in Workbench.table])
    assert call("-h")[1] == call()[1] == out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["xyzzy"], "No such command 'xyzzy'; see: workbench --help"),
        (["model", "xyzzy"], "see: workbench model --help"),
        (["model", "show"], "see: workbench model show --help"),
        (["model", "list", "-o", "xml"], "see: workbench model list --help"),
        (["model", "list", "--nam", "x"], "No such option: --nam; did you mean --name or --tag?"),
    ],
)
def test_wrong_usage_says_where_the_help_is(call: Any, arguments: list[str], words: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


@pytest.mark.parametrize("place", [0, 2, 3])
def test_debug_stands_anywhere_and_gives_the_traceback(call: Any, home: Path, place: int) -> None:
    assert not home.exists()
    arguments = ["history", "show", "nobody"]
    code, _, err = call(*arguments)
    assert (code, err.count("\n")) == (1, 1)
    with pytest.raises(RunError):
        call(*arguments[:place], "--debug", *arguments[place:])


@pytest.mark.parametrize("output", [Output.table, Output.json])
def test_a_dry_run_shows_the_changes_and_does_not_agree(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    assert not agreed([Change("delete", "run churn_1", "2 outputs")], dry_run=True, output=output)
    out, err = capsys.readouterr()
    assert "delete" in out
    assert "run churn_1" in out
    assert err == ""


def test_a_dry_run_of_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert not agreed([], dry_run=True)
    assert capsys.readouterr().out == "would change nothing\n"


def test_without_a_terminal_only_yes_agrees() -> None:
    change = [Change("delete", "run churn_1")]
    assert not sys.stdin.isatty()
    with pytest.raises(ParameterError, match="add --yes"):
        agreed(change, yes=False)
    assert agreed(change, yes=True)
    assert agreed([], yes=False)


_SLOW = """
import time
from workbench.cli.progress import waiting
with waiting("thinking"):
    time.sleep(float({seconds}))
"""


@pytest.mark.parametrize(("seconds", "words"), [(1.3, "thinking, 1 s"), (0.0, "")])
def test_a_terminal_sees_what_takes_longer_than_a_second(seconds: float, words: str) -> None:
    screen, terminal = pty.openpty()
    code = _SLOW.format(seconds=seconds)
    subprocess.run([sys.executable, "-c", code], stderr=terminal, check=True)
    os.close(terminal)
    seen = b""
    try:
        while part := os.read(screen, 1024):
            seen += part
    except OSError:  # Linux tells the end of a terminal so
        pass
    os.close(screen)
    assert words in seen.decode()
    assert bool(seen) is bool(words)
    if words:
        assert seen.endswith(b"\r\x1b[2K")


def test_a_pipe_sees_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("thinking"):
        time.sleep(1.2)
    assert capsys.readouterr() == ("", "")
