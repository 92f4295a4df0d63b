"""What run() of a score script takes is read from its source, and nothing of it runs."""

from pathlib import Path

import pytest

from workbench.core.errors import SchemaError
from workbench.registry.schemas import score_script


def _script(folder: Path, text: str) -> Path:
    path = folder / "score.py"
    path.write_text(text)
    return path


def test_names_are_read_without_running_the_script(tmp_path: Path) -> None:
    text = "import nowhere_to_be_found\nraise SystemExit(3)\ndef run(input_df, limit=3, *, note=''): ...\n"
    assert score_script.arguments(_script(tmp_path, text)) == ["input_df", "limit", "note"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def init(): ...\n", "defines no run()"),
        ("def run(: ...\n", "line 1 is not Python"),
        ("\0", "is not Python"),
        ("def run(): ...\n", "takes nothing"),
        ("def run(*rows): ...\n", "without a name"),
        ("def run(**rows): ...\n", "without a name"),
        ("def run(rows, /): ...\n", "without a name"),
        ("async def run(rows): ...\n", "is async"),
        ("class Model:\n    def run(self): ...\n", "defines no run()"),
    ],
)
def test_a_script_that_cannot_be_called_by_names_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        score_script.arguments(_script(tmp_path, text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
