"""A YAML file of keys, read with the line of each value so that errors can name it. Knows no key itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.errors import WorkbenchError
from workbench.core.spelling import did_you_mean


class ConfigurationError(WorkbenchError):
    """A file below aml_config/ does not say what it should."""


@dataclass(frozen=True)
class Located:
    """A value and the line it begins on; lists and mappings hold located values."""

    value: Any
    line: int

    def plain(self) -> Any:  # noqa: ANN401 - any YAML value
        """The value without lines."""
        if isinstance(self.value, dict):
            return {key: each.plain() for key, each in self.value.items()}
        return [each.plain() for each in self.value] if isinstance(self.value, list) else self.value


@dataclass(frozen=True)
class Kind:
    """What a key takes: words for people, and whether a plain value is that."""

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Settings:
    """The keys that a file sets."""

    path: Path
    keys: Mapping[str, Located]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any YAML value
        """The plain value of a key, or the default where the file does not set it."""
        return self.keys[key].plain() if key in self.keys else default

    def error(self, key: str, words: str) -> ConfigurationError:
        """What is wrong with a key, after its file and line."""
        line = f"line {self.keys[key].line}: " if key in self.keys else ""
        return ConfigurationError(f"{self.path}: {line}{key}: {words}")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)


TEXT = Kind("a text in quotes", lambda value: isinstance(value, str) and bool(value))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
NUMBER = Kind("a number above 0", lambda value: type(value) in (int, float) and 0 < value < float("inf"))
COUNT = Kind("a whole number from 0", lambda value: type(value) is int and value >= 0)
TEXTS = Kind("a list of texts, each in quotes", _is_texts)
MAPPING = Kind("names and texts, both in quotes", _is_mapping)
LIST = Kind("a list", lambda value: isinstance(value, list))
ANY = Kind("anything", lambda _value: True)
ANY_MAPPING = Kind("names and values", lambda value: isinstance(value, dict))


def one_of(*words: str) -> Kind:
    """One of a few texts."""
    return Kind("one of " + ", ".join(words), lambda value: value in words)


def read(path: Path, takes: Mapping[str, Kind], missing: str) -> Settings:
    """The keys of a file. A key without a value counts as not set.

    `missing` says what to write where there is no file. Raises ConfigurationError, with file, line and key, for text
    that is no YAML, a key that stands twice or is none of `takes`, and a value of another kind.
    """
    keys = keys_of(path, missing)
    settings = Settings(path, {key: each for key, each in keys.items() if each.value is not None})
    for key, located in keys.items():
        if key not in takes:
            hint = did_you_mean(key, takes) or f"it takes {', '.join(takes)}"
            raise ConfigurationError(f"{path}: line {located.line}: {key!r} is no key of this file; {hint}")
        if key in settings.keys and not takes[key].fits(located.plain()):
            raise settings.error(key, f"{_short(located)} is not {takes[key].words}")
    return settings


def keys_of(path: Path, missing: str) -> dict[str, Located]:
    """All keys of a file with their lines, whatever they are. Raises ConfigurationError."""
    import yaml  # only run configurations need it

    try:
        text = path.read_text(encoding="utf-8")
        for token in yaml.scan(text):
            if isinstance(token, yaml.AliasToken):
                line = token.start_mark.line + 1
                raise ConfigurationError(f"{path}: line {line}: *{token.value}: aliases are not taken; write it out")
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        found = _locate(loader, node, path) if node else Located({}, 1)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path} is missing; {missing}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ConfigurationError(
            f"{path}: cannot be read ({reason}); make it a file of text that you may read"
        ) from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigurationError(f"{path}: {line}is no YAML ({error.problem})") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{path}: is no YAML ({str(error).partition(chr(10))[0]})") from error
    if not isinstance(found.value, dict):
        raise ConfigurationError(f"{path}: holds no keys; write lines of the form KEY: VALUE")
    return found.value


def _locate(loader: Any, node: Any, path: Path) -> Located:  # noqa: ANN401 - the library's types are not public
    line = node.start_mark.line + 1
    if node.id == "sequence":
        return Located([_locate(loader, each, path) for each in node.value], line)
    if node.id != "mapping":
        return Located(_scalar(loader, node, f"{path}: line {line}"), line)
    found: dict[Any, Located] = {}
    for key_node, value_node in node.value:
        key, place = key_node.value, key_node.start_mark.line + 1
        if key_node.id != "scalar":
            raise ConfigurationError(f"{path}: line {place}: a key is a text")
        if key in found:
            raise ConfigurationError(f"{path}: line {place}: {key!r} stands also on line {found[key].line}")
        found[key] = Located(_locate(loader, value_node, path).value, place)
    return Located(found, line)


def _scalar(loader: Any, node: Any, where: str) -> Any:  # noqa: ANN401 - the library's types are not public
    """The value of a text. A date is the text that stands there: no key takes one, and not each is in the calendar."""
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    try:
        return loader.construct_object(node)
    except (LookupError, ValueError, OverflowError, TypeError, AttributeError) as error:
        shown = repr(node.value)[:60]
        kind = node.tag.rpartition(":")[2]
        raise ConfigurationError(f"{where}: {shown} is no {kind} that can be read; write it in quotes") from error


def _short(located: Located) -> str:
    """A value in an error. Of lists and mappings only what they are: they may hold secrets."""
    if isinstance(located.value, dict | list):
        return "what stands there"
    text = repr(located.value)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - as long as a line of an error bears
