"""What a stack's file pins for each service. Edits `churn:services` and leaves every other byte's meaning alone."""

import io
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from model import placing
from model.canonical import is_digest
from model.errors import StackFileError

KEY = "churn:services"
_PINS = ("manifest", "image", "from")


def pin_manifest(path: Path, service: str, manifest_id: str) -> bool:
    """Have `service` built from a manifest. True when the file changed.

    Raises StackFileError when the file is not a stack's file or `manifest_id` is not `sha256:<64 hex>`.
    """
    return _pin(path, service, {"manifest": _digest(path, service, "manifest", manifest_id)})


def pin_image(path: Path, service: str, digest: str, source_stack: str) -> bool:
    """Have `service` run an image that `source_stack` serves. True when the file changed; raises as pin_manifest."""
    return _pin(path, service, {"image": _digest(path, service, "image", digest), "from": source_stack})


def read_pins(path: Path) -> dict[str, dict[str, str]]:
    """By service: `manifest`, or `image` and `from`; empty without a file. Raises StackFileError."""
    services = _services(_load(path), path)
    return {
        name: {key: str(settings[key]) for key in _PINS if key in settings}
        for name, settings in ((name, _mapping(settings, path, name)) for name, settings in services.items())
    }


def _pin(path: Path, service: str, pins: Mapping[str, str]) -> bool:
    document = _load(path)
    services = _services(document, path)
    settings = _mapping(services.get(service), path, service)
    if {key: settings[key] for key in _PINS if key in settings} == dict(pins):
        return False
    _replace(settings, pins)
    services[service] = settings
    config = document.setdefault("config", CommentedMap())
    if config.get(KEY) is not services:
        config[KEY] = services
    buffer = io.BytesIO()
    _yaml().dump(document, buffer)
    placing.write_file(path, buffer.getvalue())
    return True


def _replace(settings: MutableMapping[str, Any], pins: Mapping[str, str]) -> None:
    """Set `pins` and remove the other pins, keeping places, so that comments stay where they were."""
    for key in _PINS:
        if key not in pins:
            settings.pop(key, None)
    settings.update(pins)


def _load(path: Path) -> CommentedMap:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = _yaml().load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path}: cannot be read ({error}); mend or remove it") from error
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1} " if where else ""
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        raise StackFileError(f"{path}: {line}is not YAML ({reason}); mend it") from error
    if document is None:
        document = CommentedMap()
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


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
