"""Which private addresses a home's dockerd has: one block, of which its networks are parts. Changes nothing."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from workbench.toolchain.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterable

# 32 networks of 1,022 addresses each.
BLOCK_BITS, NETWORK_BITS = 17, 22
_SPACES = (IPv4Network("172.16.0.0/12"), IPv4Network("10.0.0.0/8"))
# docker0 of the machine's own engine, whether or not it runs; the test cluster's services, nodes and pods.
_KEPT_FREE = tuple(map(IPv4Network, ("172.17.0.0/16", "10.96.0.0/16", "10.243.0.0/24", "10.244.0.0/16")))


def choose_block(number: int, taken: Iterable[IPv4Network]) -> IPv4Network:
    """Return a block that touches nothing in `taken`; equal numbers try blocks in equal order.

    Homes have numbers that differ, so that one that is down keeps its block: nobody tries the same one first.

    Raises:
        MissingError: everything is taken.

    """
    avoided = [*taken, *_KEPT_FREE]
    for space in _SPACES:
        blocks = list(space.subnets(new_prefix=BLOCK_BITS))
        first = number % len(blocks)
        for block in (*blocks[first:], *blocks[:first]):
            if not any(block.overlaps(network) for network in avoided):
                return block
    raise MissingError("all private addresses are routed somewhere already; name an engine by DOCKER_HOST instead")
