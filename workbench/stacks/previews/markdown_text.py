"""Markdown as GitHub and GitLab read it in comments: nothing that a name or a message holds can become markup. Pure."""

import html
import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"[|`*_~\[\]#@!\\$]")


def text(value: object) -> str:
    """Plain words, on one line."""
    line = html.escape(" ".join(str(value).split()), quote=False).replace("://", "&colon;//")
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)


def code(value: object) -> str:
    """Words of a machine, on one line."""
    return f"<code>{text(value)}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Lines of a table; its cells are markdown already. Columns in `right` hold numbers."""
    numbers = set(right)
    rule = ["--:" if place in numbers else ":--" for place in range(len(head))]
    return [f"| {' | '.join(each)} |" for each in (head, rule, *rows)]


def details(summary: str, lines: Iterable[str]) -> list[str]:
    """Folded lines under a summary, which is markdown already."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]
