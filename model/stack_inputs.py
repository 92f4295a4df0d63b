"""What a stack's file pins for each service. Edits `churn:services` and leaves every other byte's meaning alone."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from model import placing
from model.canonical import is_digest
from model.errors import StackFileError

KEY = "churn:services"
_PINS = ("manifest", "image")
_MAPPING = re.compile(r"^\S[^#\n]*:[ ]*(?:#.*)?\n(?:[ ]*(?:#.*)?\n)*([ ]+)[^ #\n-]", re.MULTILINE)
_LIST = re.compile(r"^([ ]*)[^ #\n-][^#\n]*:[ ]*(?:#.*)?\n([ ]*)-[ ]", re.MULTILINE)


def pin_manifest(path: Path, service: str, manifest_id: str) -> bool:
    """Have `service` built from a manifest. True when the file changed.

    Raises StackFileError when the file is not a stack's file or `manifest_id` is not `sha256:<64 hex>`.
    """
    return _pin(path, service, {"manifest": _digest(path, service, "manifest", manifest_id)})


def pin_image(path: Path, service: str, manifest_id: str, reference: str) -> bool:
    """Have `service` run an image that was built of a manifest elsewhere. True when the file changed.

    `reference` is REGISTRY/NAME@sha256:<64 hex>. Raises StackFileError as pin_manifest, and for a tag.
    """
    if not is_digest(reference.rpartition("@")[2]) or "/" not in reference:
        raise StackFileError(
            f"{path}: {KEY}.{service}.image cannot be {reference!r}; needed is REGISTRY/NAME@sha256: and 64 hex digits"
        )
    pins = {"manifest": _digest(path, service, "manifest", manifest_id), "image": reference}
    return _pin(path, service, pins)


def read_pins(path: Path) -> dict[str, dict[str, str]]:
    """By service: `manifest`, and `image` where one is copied; empty without a file. Raises StackFileError."""
    services = _services(_parse(_read(path), path), path)
    return {
        name: {key: str(settings[key]) for key in _PINS if key in settings}
        for name, settings in ((name, _mapping(settings, path, name)) for name, settings in services.items())
    }


def _pin(path: Path, service: str, pins: Mapping[str, str]) -> bool:
    text = _read(path)
    document = _parse(text, path)
    services = _services(document, path)
    settings = _mapping(services.get(service), path, service)
    if {key: settings[key] for key in _PINS if key in settings} == dict(pins):
        return False
    _replace(settings, pins)
    services[service] = settings
    document["config"][KEY] = services
    placing.write_file(path, _dump(document, text).encode())
    return True


def _replace(settings: CommentedMap, pins: Mapping[str, str]) -> None:
    """Put `pins` where the old pins stood; remarks behind or below those stay behind or below the new ones."""
    old = [key for key in settings if key in _PINS]
    if set(old) == set(pins):
        settings.update(pins)
        return
    place = list(settings).index(old[0]) if old else 0
    remarks = [found[2] for key in old if (found := settings.ca.items.pop(key, None)) and found[2]]
    for key in old:
        del settings[key]
    for offset, (key, value) in enumerate(pins.items()):
        settings.insert(place + offset, key, value)
    if remarks:
        first, *others = remarks
        first.value += "".join(remark.value for remark in others)
        settings.ca.items[list(pins)[-1]] = [None, None, first, None]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path}: cannot be read ({error}); mend or remove it") from error


def _parse(text: str, path: Path) -> CommentedMap:
    try:
        document = _yaml().load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1} " if mark else ""
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        raise StackFileError(f"{path}: {line}is not YAML ({reason}); mend it") from error
    if document is None:
        return CommentedMap()
    if not isinstance(document, CommentedMap):
        raise StackFileError(f"{path}: holds {type(document).__name__}, a stack's file holds keys such as 'config:'")
    return document


def _services(document: CommentedMap, path: Path) -> CommentedMap:
    config = document.get("config")
    if config is None:
        config = document["config"] = CommentedMap()
    if not isinstance(config, CommentedMap):
        raise StackFileError(f"{path}: 'config' holds {config!r:.60}, needed are keys such as {KEY!r}")
    services = config.get(KEY)
    if services is None:
        services = CommentedMap()
    if not isinstance(services, CommentedMap):
        raise StackFileError(f"{path}: {KEY!r} holds {services!r:.60}, needed is one key for each service")
    return services


def _mapping(settings: object, path: Path, service: str) -> CommentedMap:
    if settings is None:
        return CommentedMap()
    if not isinstance(settings, CommentedMap):
        raise StackFileError(
            f"{path}: {KEY}.{service} holds {settings!r:.60}, needed are keys such as 'manifest' or 'image'"
        )
    return settings


def _digest(path: Path, service: str, key: str, value: str) -> str:
    if not is_digest(value):
        raise StackFileError(f"{path}: {KEY}.{service}.{key} cannot be {value!r}; needed is sha256: and 64 hex digits")
    return value


def _dump(document: CommentedMap, before: str) -> str:
    yaml = _yaml()
    yaml.indent(**_indents(before))
    buffer = io.StringIO()
    yaml.dump(document, buffer)
    # A file of remarks alone is no document to ruamel.yaml, so they would be lost.
    remarks = before if _yaml().load(before) is None else ""
    return remarks + buffer.getvalue()


def _indents(text: str) -> dict[str, int]:
    """How far the file indents its mappings and lists, as ruamel.yaml takes it; 2 and 0 where it shows none."""
    mapping = _MAPPING.search(text)
    listed = _LIST.search(text)
    offset = len(listed.group(2)) - len(listed.group(1)) if listed else 0
    return {"mapping": len(mapping.group(1)) if mapping else 2, "sequence": offset + 2, "offset": offset}


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
