"""A state that names a provider's old module is updated once; nothing of it is lost."""

from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from workbench.components.engines.docker.gateway_route import RouteProvider
from workbench.components.engines.docker.image_digest import DigestProvider
from workbench.components.engines.kubernetes import cluster_route
from workbench.components.registry_login import LoginProvider
from workbench.components.service_keys import KeysProvider

ROUTE = {"gateway": "g", "service": "s", "servers": []}
DIGEST = {"repository": "r", "tag": "t", "image": "i", "pushed": "sha256:1", "pinned": "", "digest": "sha256:1"}
KEYS = {"stack": "staging", "service": "s", "generations": {"primary": 1, "secondary": 1}}
LOGIN = {"user": "u", "password": "p", "htpasswd": "h"}


@pytest.mark.parametrize(
    ("provider", "props"),
    [
        (RouteProvider(), ROUTE),
        (cluster_route.RouteProvider(), {"service": "s", "namespace": "n", "release": "r"}),
        (DigestProvider(), DIGEST),
        (KeysProvider(), KEYS),
        (LoginProvider(), LOGIN),
    ],
    ids=lambda value: type(value).__module__.rpartition(".")[2] if isinstance(value, ResourceProvider) else "",
)
def test_a_provider_whose_module_has_another_name_is_updated(provider: ResourceProvider, props: dict[str, Any]) -> None:
    old = {**props, "__provider": "infra"}
    assert provider.diff("id", old, dict(old)).changes is False
    found = provider.diff("id", old, {**props, "__provider": "workbench"})
    assert (found.changes, found.replaces or []) == (True, [])


def test_an_updated_login_is_the_one_that_was() -> None:
    assert LoginProvider().update("u", {**LOGIN, "__provider": "infra"}, LOGIN).outs == LOGIN


def test_keys_whose_provider_moved_stay_the_same() -> None:
    old = {**KEYS, "primary": "one", "secondary": "two", "__provider": "infra"}
    outs = KeysProvider().update("staging/s", old, {**KEYS, "__provider": "workbench"}).outs
    assert outs is not None
    assert (outs["primary"], outs["secondary"]) == ("one", "two")
