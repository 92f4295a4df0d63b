"""Which path does what, and which needs no key. The one list that a test can read to know the doors of this server."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from workbench.server.errors import Code, RequestError

Handler = Callable[..., Awaitable[None]]
PART: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Route:
    """`template` may hold {parts}, handed to the handler by name; a GET answers HEAD too."""

    method: str
    template: str
    handler: Handler
    open: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(PART.sub(r"(?P<\1>[^/]+)", self.template.replace(".", r"\.")))


@dataclass(frozen=True)
class Found:
    route: Route
    parts: dict[str, str] = field(default_factory=dict)


class Routes:
    def __init__(self, routes: tuple[Route, ...]) -> None:
        self.all: Final = routes
        plain = [route for route in routes if "{" not in route.template]
        self._plain = {(route.method, route.template): Found(route) for route in plain}
        self._patterns = [(route, route.pattern) for route in routes if "{" in route.template]

    def find(self, method: str, path: str) -> Found | None:
        """Return what answers this; None if nothing does."""
        method = "GET" if method == "HEAD" else method
        if found := self._plain.get((method, path)):
            return found
        for route, pattern in self._patterns:
            if route.method == method and (match := pattern.fullmatch(path)):
                return Found(route, match.groupdict())
        return None

    def refusal(self, method: str, path: str) -> RequestError:
        """Say why `find` found nothing."""
        methods = {route.method for route in self.all if route.pattern.fullmatch(path)}
        if not methods:
            return RequestError(Code.NOT_FOUND, "there is nothing here; POST to /score, or read /swagger.json")
        allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
        return RequestError(Code.METHOD_NOT_ALLOWED, f"{method[:16]} is not allowed here", {"allow": allowed})
