"""Who uses a manifest: the stacks' files that pin it and the services that run it. Facts only, read by `stacks`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A stack's file names a manifest: for a service (then perhaps with the image that it shall run), or otherwise."""

    manifest: str
    stack: str
    file: str
    service: str = ""
    image: str = ""

    def sentence(self) -> str:
        """For people."""
        return f"{self.file} pins it" + (f" for {self.service}" if self.service else "")


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A stack's state says that a service runs an image of a manifest."""

    manifest: str
    stack: str
    service: str
    image: str
    url: str

    def sentence(self) -> str:
        """For people."""
        return f"{self.service} in {self.stack} runs it"


@dataclass(frozen=True, kw_only=True)
class Uses:
    """All pins and services; `registries` are the addresses of the stacks' container registries.

    `unseen` says why the states could not be read: then nobody knows what serves.
    """

    pins: tuple[Pin, ...] = ()
    servings: tuple[Serving, ...] = ()
    registries: frozenset[str] = frozenset()
    unseen: str = ""

    @property
    def manifests(self) -> frozenset[str]:
        """Ids of all manifests that somebody uses."""
        return frozenset(each.manifest for each in self._all)

    @property
    def images(self) -> frozenset[str]:
        """References by digest of all images that somebody uses."""
        return frozenset(each.image for each in self._all if each.image)

    def of(self, manifest: str) -> list[str]:
        """Who uses a manifest, a sentence each."""
        return [each.sentence() for each in self._all if each.manifest == manifest]

    @property
    def _all(self) -> list[Pin | Serving]:
        return [*self.pins, *self.servings]
