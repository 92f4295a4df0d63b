"""The digest under which an image was pinned, or built and pushed, as a dynamic resource: remembered and compared.

A registry's tag can be moved by whoever may push there. So what the registry tells of a tag is believed only when this
engine itself pushed that, or when it is what the stack's file pins; what was believed once is compared from then on.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from workbench.components import provider_code
from workbench.components.engines.docker.gateway_agent import engine

# What an update only will know, as it comes to a provider.
UNKNOWN = pulumi.runtime.rpc.UNKNOWN
SHAPES = ("repository", "tag", "pushed", "pinned")


class DigestProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(f"{props['repository']}:{props['tag']}", _checked(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        same = all(olds.get(key) == news[key] for key in ("repository", "tag"))
        remembered = olds.get("digest") if same else None
        return UpdateResult(_checked(news, remembered))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Who logs in, and what this engine's copy of the image is called, are nobody's change."""
        if news["pinned"] and _is_known(news["pushed"]) and news["pushed"] != news["pinned"]:
            raise RuntimeError(_moved(news, news["pinned"]))
        changed = any(olds.get(key) != news[key] for key in SHAPES)
        return DiffResult(changes=changed or provider_code.has_moved(olds, news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Ask the registry itself; one that can't be asked tells nothing."""
        found = _asked(props)
        if found is not None and found != props["digest"]:
            raise RuntimeError(_moved({**props, "pushed": found}, props["digest"]))
        return ReadResult(id_, props)


class ImageDigest(Resource, module="infra", name="ImageDigest"):
    """`digest` is the one to run, known only after it was compared.

    `pushed` is what the registry tells of `repository`:`tag`, `image` the engine's id of what was built, `pinned` the
    digest that the stack's file names, or empty. All begin with `sha256:`.
    """

    digest: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        super().__init__(DigestProvider(), name, {**props, "digest": None}, opts)


def _is_known(value: object) -> bool:
    """Whether a preview knows it already."""
    return isinstance(value, str) and value != UNKNOWN


def _checked(props: dict[str, Any], remembered: str | None = None) -> dict[str, Any]:
    """The properties with the digest to run. Raises RuntimeError when the registry tells of another image."""
    pushed, wanted = props["pushed"], props["pinned"] or remembered
    if pushed != wanted and (props["pinned"] or not _has_pushed(props, trusting=remembered is None)):
        raise RuntimeError(_moved(props, wanted or "another one"))
    return {**props, "digest": pushed}


def _has_pushed(props: dict[str, Any], *, trusting: bool) -> bool:
    """Whether the engine pushed the image it built under this digest; of one it no longer has, `trusting` says.

    By the digest alone: engines leave docker.io out of names, and the same digest is the same image anywhere.
    """
    import docker

    with engine() as client:
        try:
            known = client.images.get(props["image"]).attrs.get("RepoDigests") or []
        except docker.errors.ImageNotFound:
            return trusting
    return props["pushed"] in {each.rpartition("@")[2] for each in known}


def _asked(props: dict[str, Any]) -> str | None:
    import docker

    login = props.get("login") or {}
    with engine() as client:
        try:
            found: str = client.images.get_registry_data(f"{props['repository']}:{props['tag']}", auth_config=login).id
        except docker.errors.DockerException:
            return None
    return found


def _moved(props: dict[str, Any], wanted: str) -> str:
    where = f"{props['repository']}:{props['tag']}"
    return (
        f"{where} is {props['pushed'][:19]}… in its registry, but {wanted[:19]}… was built or pinned: somebody moved "
        f"the tag; see who pushes there, then push what is right again: pulumi up --replace '{props['source']}'"
    )
