"""What a submitted command is: script, arguments, the files that they name, and how all this is recorded.

Pure but for looking at files. Values that look like secrets never reach a record.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.core import grammars
from workbench.core.canonical import PREFIX, sha256_file
from workbench.core.errors import ParameterError
from workbench.experiments.configurations.run_configuration import RunConfiguration

MASK = "***"
_SECRET = re.compile(
    r"secret|passw|pwd|token|credential|conn(ection)?[_-]?str|(^|[_-])(sas|pat)($|[_-])|(^|[_-]|api|access|account)key$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A script and its arguments, as the run gets them: relative to `folder`, which is relative to the project.

    `given` are the arguments as people wrote them, `files` those that they name, `elsewhere` the ones outside of the
    project by the name they get in the folder `data` beside the run's copy.
    """

    script: str
    folder: str
    words: tuple[str, ...]
    given: tuple[str, ...]
    files: Mapping[str, Path] = field(default_factory=dict)
    elsewhere: Mapping[str, Path] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """The arguments by name: `--depth 4` is depth 4, a flag alone is true, `argument.1` the first without one."""
        return parameters(self.given)


def read(
    configuration: RunConfiguration, project: Path, script: str, arguments: Sequence[str], folder: Path | None = None
) -> Command:
    """The command that runs `script` from `folder`, by default the working directory.

    Raises ParameterError unless the script is in the project.
    """
    here = folder or Path.cwd()
    if wrong := next((word for word in (script, *arguments) if not grammars.is_argument(word)), None):
        raise ParameterError(f"{wrong!r:.200}: is not UTF-8, which a record can't hold; rename the file")
    path = (here / script).resolve()
    if not path.is_file():
        raise ParameterError(f"{script}: there is no such script in {here}")
    if not path.is_relative_to(project.resolve()):
        raise ParameterError(f"{script}: lies outside of the project {project}; copy it there")
    given = [*configuration.arguments[1:], *arguments]
    given = [configuration.substitutions.get(word, word) for word in given]
    files = {word: here / value for word in given if (value := _value(word)) and (here / value).is_file()}
    outside = [file for file in files.values() if not file.resolve().is_relative_to(project.resolve())]
    elsewhere = {f"{number}-{each.name}": each.resolve() for number, each in enumerate(dict.fromkeys(outside), 1)}
    inside = here.relative_to(project).as_posix()
    words = [_moved(word, files.get(word), elsewhere, inside) for word in given]
    return Command(
        script=os.path.relpath(path, project.resolve()),
        folder=inside,
        words=(_file_argument(os.path.relpath(path, here.resolve())), *words),
        given=tuple(given),
        files={_value(word): each for word, each in files.items()} | dict(configuration.data),
        elsewhere=elsewhere,
    )


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    """`sha256:…` of each file. Raises OSError."""
    return {name: PREFIX + sha256_file(path) for name, path in sorted(files.items())}


def parameters(arguments: Sequence[str]) -> dict[str, Any]:
    """Arguments by name, see Command."""
    found: dict[str, Any] = {}
    for name, text in _pairs(arguments):
        value = MASK if is_secret(name) and text is not True else _typed(text)
        earlier = found.get(name)
        found[name] = value if earlier is None else [*(earlier if isinstance(earlier, list) else [earlier]), value]
    return found


def masked(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables with the values of secrets hidden."""
    return {name: MASK if is_secret(name) else value for name, value in sorted(variables.items())}


def masked_arguments(arguments: Sequence[str]) -> list[str]:
    """Arguments with the values of secrets hidden."""
    hidden: list[str] = []
    follows = False
    for word in arguments:
        name, sign, _ = word.partition("=")
        flag = word.startswith("-")
        secret = flag and is_secret(name.lstrip("-"))
        shown = f"{name}={MASK}" if secret and sign else word
        hidden.append(MASK if follows and not flag else shown)
        follows = secret and not sign
    return hidden


def is_secret(name: str) -> bool:
    """Whether a variable or flag of that name may hold a secret."""
    return bool(_SECRET.search(name))


def _file_argument(name: str) -> str:
    """A script as Python takes it: not as an option, whatever its name begins with."""
    return f"./{name}" if name.startswith("-") else name


def _value(word: str) -> str:
    """The part of an argument that may name a file."""
    return word.partition("=")[2] if word.startswith("-") else word


def _moved(word: str, file: Path | None, elsewhere: Mapping[str, Path], folder: str) -> str:
    """An argument as the run sees it: a file of elsewhere lies in the folder data beside the project's copy."""
    names = [name for name, path in elsewhere.items() if file and path == file.resolve()]
    if not names:
        return word
    return word.removesuffix(_value(word)) + os.path.relpath(f"data/{names[0]}", f"project/{folder}")


def _pairs(arguments: Iterable[str]) -> Iterator[tuple[str, str | bool]]:
    words = list(arguments)
    place = 0
    while words:
        word = words.pop(0)
        name, sign, value = word.lstrip("-").partition("=")
        if not re.match(r"--?[A-Za-z]", word):
            place += 1
            yield f"argument.{place}", word
        elif sign:
            yield name, value
        elif words and not re.match(r"--?[A-Za-z]", words[0]):
            yield name, words.pop(0)
        else:
            yield name, True


def _typed(text: str | bool) -> Any:  # noqa: ANN401 - a number, a text or true
    if isinstance(text, bool):
        return text
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if value - value == 0 else text  # no infinity, no NaN
    return text
