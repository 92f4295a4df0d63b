"""`python3 -m workbench.gateway VERB JSON`: what the Pulumi program asks of the gateway, by the engine's exec.

Answers JSON on stdout and 0, or one line on stderr and 1.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from workbench.gateway import keys, route
from workbench.gateway.backend import RouteError, Server


def answer(verb: str, request: dict[str, Any]) -> object:
    service = request["service"]
    match verb:
        case "route-put":
            wanted = [Server(**server) for server in request["servers"]]
            route.put(
                service, wanted, healthy_seconds=request["healthy_seconds"], drain_seconds=request["drain_seconds"]
            )
        case "route-get":
            return [asdict(server) for server in route.get(service)]
        case "route-delete":
            route.delete(service)
        case "keys-put":
            keys.put(service, request["primary"], request["secondary"])
        case "keys-get":
            return keys.get(service)
        case "keys-delete":
            keys.delete(service)
        case _:
            raise RouteError(f"the gateway has no verb {verb!r}")
    return None


def main() -> int:
    try:
        print(json.dumps(answer(sys.argv[1], json.loads(sys.argv[2]))))
    except (RouteError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
