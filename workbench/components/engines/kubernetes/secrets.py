"""Secrets: the digests of a service's keys, which its pods mount, and the login to a registry that asks for one."""

from __future__ import annotations

import base64
import json

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.components.container_registry import ContainerRegistry
from workbench.components.engines.kubernetes.objects import Place, object_name
from workbench.components.naming import SERVICE_LABEL
from workbench.components.service_keys import ServiceKeys


def key_secret(name: str, service: str, keys: ServiceKeys, place: Place, parent: pulumi.Resource) -> str:
    """Declare the file that the server reads, changed in place when a key is turned; give the Secret's name."""
    title = f"{object_name(service)}-keys"
    kubernetes.core.v1.Secret(
        name,
        metadata=place.metadata(title, {SERVICE_LABEL: service}),
        string_data=keys.digests.apply(lambda digests: {f"{service}.json": _document(digests)}),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return title


def pull_secret(
    name: str, service: str, registry: ContainerRegistry, place: Place, parent: pulumi.Resource
) -> list[str]:
    """Declare what nodes show to the stack's registry; give the names, none where it asks nobody."""
    if registry.login is None:
        return []
    user, password = registry.login
    title = f"{object_name(service)}-registry"
    document = pulumi.Output.all(registry.address, password).apply(lambda known: _login(known[0], user, known[1]))
    kubernetes.core.v1.Secret(
        name,
        metadata=place.metadata(title, {SERVICE_LABEL: service}),
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": document},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return [title]


def _document(digests: dict[str, str]) -> str:
    return json.dumps({name: digests[name] for name in ("primary", "secondary")}, sort_keys=True)


def _login(address: str, user: str, password: str) -> str:
    entry = {"username": user, "password": password, "auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
    return json.dumps({"auths": {address.partition("/")[0]: entry}})
