"""`python -m workbench.components.upgrade STACK`: let a stack of an earlier version be updated and destroyed.

A stack's state keeps, for each dynamic resource, a pickle that names the module of its provider. These modules lay
elsewhere before, so that Pulumi can't read or delete such a resource any more. This writes the present modules into the
state, by `pulumi stack export` and `import`, and changes nothing else. No pickle of the state is loaded.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from workbench.components.engines.docker import gateway_route, image_digest
from workbench.components.engines.kubernetes import cluster_route
from workbench.components.registry_login import LoginProvider
from workbench.components.service_keys import KeysProvider

_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}  # Pulumi's mark of a secret value
_PROVIDER = "__provider"
_PROVIDERS: dict[str, ResourceProvider] = {
    "pulumi-python:dynamic/infra:GatewayRoute": gateway_route.RouteProvider(),
    "pulumi-python:dynamic/infra:ImageDigest": image_digest.DigestProvider(),
    "pulumi-python:dynamic/infra:ClusterRoute": cluster_route.RouteProvider(),
    "pulumi-python:dynamic/infra:RegistryLogin": LoginProvider(),
    "pulumi-python:dynamic/infra:ServiceKeys": KeysProvider(),
}


def upgraded(state: dict[str, Any]) -> int:
    """Write the present providers into an exported state with plain secrets; how many resources changed."""
    changed = 0
    for resource in state["deployment"].get("resources") or []:
        provider = _PROVIDERS.get(resource["type"])
        if provider is None:
            continue
        wanted = {**_SECRET, "plaintext": json.dumps(serialize_provider(provider))}
        places = [resource[part] for part in ("inputs", "outputs") if _PROVIDER in resource.get(part, {})]
        changed += any(place[_PROVIDER] != wanted for place in places)
        for place in places:
            place[_PROVIDER] = wanted
    return changed


def main() -> None:
    """Ask Pulumi for the state and give it back changed. Secrets go from process to process, never to a file."""
    parser = argparse.ArgumentParser(prog="python -m workbench.components.upgrade", description=__doc__)
    parser.add_argument("stack", help="the stack's name, such as staging; run this in the project's folder")
    stack = parser.parse_args().stack
    state = json.loads(_pulumi("stack", "export", "--show-secrets", "-s", stack))
    changed = upgraded(state)
    if changed:
        _pulumi("stack", "import", "-s", stack, given=json.dumps(state))
    print(f"{stack}: {changed} resources name the present modules now; next: pulumi up -s {stack}")


def _pulumi(*arguments: str, given: str | None = None) -> str:
    command = ["pulumi", *arguments, "--non-interactive"]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pulumi gave no reason"]
        sys.exit(f"error: pulumi {' '.join(arguments[:2])}: {lines[-1]}")
    return done.stdout


if __name__ == "__main__":
    main()
