import subprocess
import sys

SETTLED = """
import gc
from workbench.server.memory import settle
kept = [[] for _ in range(1000)]
settle()
assert gc.get_freeze_count() > 1000
class Node:
    pass
import weakref
node = Node(); node.me = node; gone = weakref.ref(node); del node
more = [[each] for each in range(200_000)]
assert gone() is None
"""


def test_what_was_there_is_taken_for_granted_and_later_cycles_are_collected() -> None:
    subprocess.run([sys.executable, "-c", SETTLED], check=True)
