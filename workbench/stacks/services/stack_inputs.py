"""What a stack's file says of each service and of images: pins by digest, and a service's shape."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from workbench.core import stack_keys
from workbench.core.canonical import is_digest
from workbench.core.errors import StackFileError
from workbench.stacks.services import stack_file, yaml_document

SERVICES = "services"
IMAGES = "images"
_PINS = ("manifest", "image")
_SERVICES_FORM = "one key for each service"
_IMAGES_FORM = "a list of manifests for each image's name"


def pin_manifest(path: Path, service: str, manifest_id: str) -> bool:
    """Have `service` built from a manifest. True when the file changed.

    Raises StackFileError when the file is not a stack's file or `manifest_id` is not `sha256:<64 hex>`.
    """
    return put(path, service, manifest_pins(path, service, manifest_id), {})


def pin_image(path: Path, service: str, manifest_id: str, reference: str) -> bool:
    """Have `service` run an image that was built of a manifest elsewhere. True when the file changed.

    `reference` is REGISTRY/NAME@sha256:<64 hex>. Raises StackFileError as pin_manifest, and for a tag.
    """
    return put(path, service, image_pins(path, service, manifest_id, reference), {})


def put(path: Path, service: str, pins: Mapping[str, str], settings: Mapping[str, float | str]) -> bool:
    """Pin `service` anew unless `pins` is empty, and give it these values of other keys. True when the file changed."""
    now = read_services(path).get(service, {})
    pinned = {key: now[key] for key in _PINS if key in now}
    if pins in ({}, pinned) and all(now.get(key) == value for key, value in settings.items()):
        return False
    with stack_file.editing(path, SERVICES, service) as config:
        key = stack_file.spelt(config, path, SERVICES)
        services = stack_file.section(config, key, path, _SERVICES_FORM)
        entry = _mapping(services.get(service), path, service)
        if pins and pins.keys() != pinned.keys():
            entry = yaml_document.unmerged(entry)  # what is merged into it cannot be taken out
        if pins:
            _replace(entry, pins)
        entry.update(settings)
        services[service] = entry
        config[key] = services
    return True


def remove_service(path: Path, service: str) -> bool:
    """Take `service` out of the file. True when the file changed."""
    if service not in read_services(path):
        return False
    with stack_file.editing(path, SERVICES, service) as config:
        key = stack_file.spelt(config, path, SERVICES)
        del config[key][service]
        if not config[key]:  # that there is none any more is said, not left out
            config.ca.items.pop(key, None)
            config[key] = CommentedMap()
    return True


def add_image(path: Path, name: str, manifest_id: str) -> bool:
    """Have an image of a manifest built that no service runs yet. True when the file changed."""
    _digest(path, stack_file.key(path, IMAGES), name, manifest_id)
    if manifest_id in read_images(path).get(name, []):
        return False
    with stack_file.editing(path, IMAGES, name) as config:
        key = stack_file.spelt(config, path, IMAGES)
        images = stack_file.section(config, key, path, _IMAGES_FORM)
        images[name] = listed = images.get(name) or CommentedSeq()
        listed.append(manifest_id)
        config[key] = images
    return True


def read_images(path: Path) -> dict[str, list[str]]:
    """Manifests of images without a service, by name; empty without a file. Raises StackFileError."""
    images = _section(path, IMAGES, _IMAGES_FORM)
    for name, listed in images.items():
        if not isinstance(listed, list):
            where = f"{path}: {stack_file.key(path, IMAGES)}.{name}"
            raise StackFileError(f"{where} holds {listed!r:.60}, needed is a list of manifests")
    return {name: [str(each) for each in listed] for name, listed in images.items()}


def read_pins(path: Path) -> dict[str, dict[str, str]]:
    """By service: `manifest`, and `image` where one is copied; empty without a file. Raises StackFileError."""
    return {
        name: {key: str(settings[key]) for key in _PINS if key in settings}
        for name, settings in read_services(path).items()
    }


def read_services(path: Path) -> dict[str, dict[str, Any]]:
    """All that the file says of each service; empty without a file. Raises StackFileError."""
    services = _section(path, SERVICES, _SERVICES_FORM)
    return {str(name): _known(settings, path, name) for name, settings in services.items()}


def manifest_pins(path: Path, service: str, manifest_id: str) -> dict[str, str]:
    """What to pin for a build. Raises StackFileError."""
    return {"manifest": _digest(path, stack_file.key(path, SERVICES), f"{service}.manifest", manifest_id)}


def image_pins(path: Path, service: str, manifest_id: str, reference: str) -> dict[str, str]:
    """What to pin for a copy of an image. Raises StackFileError."""
    if not is_digest(reference.rpartition("@")[2]) or "/" not in reference:
        where = f"{path}: {stack_file.key(path, SERVICES)}.{service}.image"
        raise StackFileError(f"{where} cannot be {reference!r}; needed is REGISTRY/NAME@sha256: and 64 hex digits")
    return {**manifest_pins(path, service, manifest_id), "image": reference}


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


def _section(path: Path, name: str, form: str) -> CommentedMap:
    found = stack_file.config(path)
    return stack_file.section(found, stack_file.spelt(found, path, name), path, form)


def _known(settings: object, path: Path, service: str) -> dict[str, Any]:
    """The keys of a service. Raises StackFileError for one that nobody reads."""
    found = dict(_mapping(settings, path, service))
    if problem := stack_keys.unknown_of_service(found):
        raise StackFileError(f"{path}: {stack_file.key(path, SERVICES)}.{service}.{problem}")
    return found


def _mapping(settings: object, path: Path, service: str) -> CommentedMap:
    if settings is None:
        return CommentedMap()
    if not isinstance(settings, CommentedMap):
        where = f"{path}: {stack_file.key(path, SERVICES)}.{service}"
        raise StackFileError(f"{where} holds {settings!r:.60}, needed are keys such as 'manifest' or 'image'")
    return settings


def _digest(path: Path, key: str, name: str, value: str) -> str:
    if not is_digest(value):
        raise StackFileError(f"{path}: {key}.{name} cannot be {value!r}; needed is sha256: and 64 hex digits")
    return value
