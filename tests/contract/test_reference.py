"""Pages that follow from the code are up to date."""

import runpy

from tests.tree import TREE


def test_the_page_on_stack_settings_is_what_the_table_says() -> None:
    made = runpy.run_path(str(TREE / "docs" / "generate.py"))
    written = (TREE / "docs" / "stack-settings.md").read_text(encoding="utf-8")
    assert written == made["stack_settings"](), "run: python docs/generate.py"
