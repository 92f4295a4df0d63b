"""A place behind an fsspec URI: reading, listing, writing, and creating a record only if there is none.

Holds what fsspec does not promise: an exclusive create that a lost answer does not confuse, and errors in one line.
Knows nothing of what lies where.
"""

import contextlib
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from workbench.core import confined
from workbench.core.canonical import canonical_json, plain_files
from workbench.core.errors import RegistryError, WorkbenchError

K = TypeVar("K")
V = TypeVar("V")
# Their fsspec implementations send a condition along; others look first and then write, which is a race.
EXCLUSIVE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})
_PROOF = "registry.json"
_PAUSES = (0.1, 0.5, 2.0)
_STAMPS = ("ETag", "etag", "md5Hash")
_PATTERN = re.compile(r"[*?\[\]]")
# s3fs and adlfs cut a name here, and would read, write or delete the object of the shorter name.
_VERSION = re.compile(r"\?versionid=", re.IGNORECASE)
_SIDE_BY_SIDE = 32


class RemotePlace:
    """Keys below a URI. Every method raises RegistryError for what the place refuses.

    It asks fsspec for objects by their exact names alone: `cat`, `put`, `get`, `rm` and `expand_path` read patterns in
    a name, and other objects would be read, sent or deleted.
    """

    def __init__(self, filesystem: Any, base: str, uri: str) -> None:  # noqa: ANN401 - fsspec publishes no types
        if _PATTERN.search(base):
            raise RegistryError(f"registry {uri}: it holds one of * ? [ ], which could mean other places; rename it")
        self.uri = uri
        self._filesystem = filesystem
        self._base = base.rstrip("/")
        self._proved = self._is_there = False

    @classmethod
    def open(cls, uri: str) -> "RemotePlace":
        """The place at a URI, not asked anything yet."""
        scheme = uri.partition("://")[0]
        if scheme not in EXCLUSIVE:
            raise RegistryError(
                f"registry {uri}: {scheme} cannot create a record only if there is none, so two writers could get the"
                " same number; use a folder, s3://, gs:// or abfs://"
            )
        with _told(uri):
            from fsspec.core import url_to_fs

            filesystem, base = url_to_fs(uri, use_listings_cache=False)
        return cls(filesystem, base, uri)

    def read(self, key: str) -> bytes:
        """One object. Raises FileNotFoundError."""
        with _told(self.uri):
            return bytes(self._filesystem.cat_file(self._path(key)))

    def read_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The objects that are there, fetched side by side."""
        with _told(self.uri):
            return {key: found for key, found in self._side_by_side(self._found, keys) if found is not None}

    def write(self, key: str, data: bytes) -> None:
        """Write an object, over the old one if there is one."""
        with _told(self.uri, writing=True):
            self._filesystem.pipe_file(self._path(key), data)

    def create(self, key: str, data: bytes) -> bool:
        """Write an object that is not there; False when it is. `data` must be unlike any other writer's."""
        with _told(self.uri, writing=True):
            self._prove()
            return self._create(key, data)

    def remove(self, key: str) -> None:
        """Remove an object and all below a key; nothing there is fine."""
        path = self._path(key)
        keys = [f"{key}/{each}" for each in self.below(key)]
        with _told(self.uri):
            paths = [self._path(each) for each in keys]
            self._side_by_side(self._remove, [*paths, *([path] if self._is_object(path) else [])])

    def folders(self, key: str) -> list[str]:
        """The names directly below a key that have something below them, sorted."""
        path = self._path(key)
        found: list[dict[str, Any]] = self._listed(lambda: list(self._filesystem.ls(path, detail=True)), [])
        return sorted({each["name"].rstrip("/").rpartition("/")[2] for each in found if each["type"] == "directory"})

    def below(self, key: str) -> dict[str, dict[str, Any]]:
        """What fsspec says of every object below a key, by its path from there."""
        path = self._path(key)
        found: dict[str, Any] = self._listed(lambda: dict(self._filesystem.find(path, detail=True)), {})
        start = len(path) + 1
        return {each[start:]: info for each, info in found.items() if info["type"] == "file" and len(each) > start}

    def stamps(self, key: str) -> dict[str, str]:
        """What changes when an object does, by its path below a key; empty where the place tells no such thing."""
        return {
            path: next((str(info[name]) for name in _STAMPS if info.get(name)), "")
            for path, info in self.below(key).items()
        }

    def modified(self, key: str) -> float | None:
        """When an object was written, in seconds since 1970 by the place's clock; None when it is not there."""
        with _told(self.uri):
            try:
                return float(self._filesystem.modified(self._path(key)).timestamp())
            except FileNotFoundError:
                return None

    def upload(self, folder: Path, key: str) -> None:
        """Copy all files of a folder below a key."""
        places = {path: self._path(f"{key}/{path.relative_to(folder).as_posix()}") for path in plain_files(folder)}
        with _told(self.uri, writing=True):
            self._side_by_side(lambda path: self._filesystem.put_file(str(path), places[path]), list(places))

    def download(self, key: str, paths: Sequence[str], folder: Path) -> None:
        """Copy files below a key into a folder, as far as they are there."""
        with _told(self.uri):
            for path in paths:
                target = confined.below(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):
                    self._filesystem.get_file(self._path(f"{key}/{path}"), str(target))

    def _path(self, key: str) -> str:
        """Where a key is; checked, as some places' clients take `..` out of an address before they ask."""
        if _VERSION.search(key):
            raise RegistryError(
                f"registry {self.uri}: {key!r:.200} can't be a key: fsspec takes ?versionId= for a version of another "
                "object; remove it with the place's own tools"
            )
        return "/".join((self._base, *confined.check(key)))

    def _side_by_side(self, act: Callable[[K], V], things: Sequence[K]) -> list[tuple[K, V]]:
        """Each of them with its answer. Raises the first error."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            return list(zip(things, threads.map(act, things), strict=True))

    def _found(self, key: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError):
            return bytes(self._filesystem.cat_file(self._path(key)))
        return None

    def _is_object(self, path: str) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return bool(self._filesystem.info(path)["type"] == "file")
        return False

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._filesystem.rm_file(path)

    def _create(self, key: str, data: bytes) -> bool:
        """Create exclusively. Whatever a refused attempt means, what lies there says whether it was us."""
        for pause in (*_PAUSES, None):
            try:
                self._filesystem.pipe_file(self._path(key), data, mode="create")
            except (PermissionError, FileNotFoundError):
                raise
            except OSError:
                with contextlib.suppress(FileNotFoundError):
                    return bool(self._filesystem.cat_file(self._path(key)) == data)
                if pause is None:
                    raise
                time.sleep(pause)  # another's attempt may be under way
            else:
                return True
        raise AssertionError  # the last pass returned or raised

    def _listed(self, ask: Callable[[], V], found: V) -> V:
        """The answer, `found` where nothing is. Raises RegistryError for a place that is not there."""
        with _told(self.uri):
            with contextlib.suppress(FileNotFoundError):
                found = ask()
            if not found and not self._is_there and not self._filesystem.exists(self._base.partition("/")[0]):
                raise _no_such_place(self.uri)
        self._is_there = True
        return found

    def _prove(self) -> None:
        """See once that the place refuses to create what is there."""
        for _ in range(2):
            if self._proved:
                return
            self._proved = not self._create(_PROOF, canonical_json({"format": 1, "by": uuid.uuid4().hex}))
        if not self._proved:
            raise RegistryError(
                f"registry {self.uri}: overwrites what it should only create (it heeds no If-None-Match), so two"
                " writers could get the same number; use a place that does, or a folder"
            )


@contextlib.contextmanager
def _told(uri: str, *, writing: bool = False) -> Iterator[None]:
    """Translate whatever the place's library raises. FileNotFoundError stays, unless it means the place."""
    try:
        yield
    except WorkbenchError:
        raise
    except FileNotFoundError as error:
        if writing:
            raise _no_such_place(uri) from error
        raise
    except ImportError as error:
        raise RegistryError(f"registry {uri}: needs a package more ({error}); run: pip install s3fs") from error
    except Exception as error:
        said = str(error).partition("\n")[0][:300] or type(error).__name__
        advice = (
            "its own configuration gives the credentials, for S3 AWS_PROFILE or ~/.aws/credentials"
            if isinstance(error, PermissionError) or "Credentials" in type(error).__name__
            else "see that it is up and, for S3, that AWS_ENDPOINT_URL and AWS_REGION are right"
        )
        raise RegistryError(f"registry {uri}: {said}; {advice}") from error


def _no_such_place(uri: str) -> RegistryError:
    bucket = uri.partition("://")[2].partition("/")[0]
    return RegistryError(f"registry {uri}: there is no bucket {bucket}; make it, or mend the URI")
