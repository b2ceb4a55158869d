"""What a process has made at its start is out of the garbage collector's way."""

import subprocess
import sys

_FROZEN = (
    "import gc, weakref\n"
    "from server.start_heap import keep_start_heap\n"
    "class Node: pass\n"
    "kept = [Node() for _ in range(1000)]\n"
    "dead = Node(); dead.itself = dead; seen = weakref.ref(dead); del dead\n"
    "keep_start_heap()\n"
    "assert seen() is None, 'what was dead already is freed'\n"
    "assert gc.get_freeze_count() > 1000\n"
    "assert not any(isinstance(one, Node) for one in gc.get_objects())\n"
    "later = Node(); later.itself = later; seen = weakref.ref(later); del later\n"
    "gc.collect()\n"
    "assert seen() is None, 'what is made later is collected as before'\n"
)


def test_what_is_there_is_kept_and_what_is_made_later_is_collected() -> None:
    ran = subprocess.run([sys.executable, "-c", _FROZEN], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
