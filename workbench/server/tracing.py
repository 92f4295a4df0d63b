"""Spans of requests, for whoever asked for them. Nobody did: this costs nothing and imports nothing.

What a span holds and how it leaves is in `spans`.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from workbench.server.request import Request
from workbench.server.service import Service

NOTHING: Final[AbstractContextManager[None]] = nullcontext()


class Tracing:
    """Traces nothing."""

    idle = True

    def span(self, request: Request) -> AbstractContextManager[None]:  # noqa: ARG002 - its own kind looks at it
        """Span a request from here until it is answered."""
        return NOTHING

    def describe(self, service: Service) -> None:
        """Name the model that answers in all spans from now on."""

    def close(self, seconds: float) -> None:
        """Send what waits, for at most `seconds`."""


def start(name: str, *, wanted: bool) -> Tracing:
    """Begin to trace the service `name`, if that is `wanted`; raises StartError if an OTEL_ variable is wrong."""
    if not wanted:
        return Tracing()
    from workbench.server.spans import Spans

    return Spans(name)
