"""Snapshots of a state that does not change meanwhile."""

from collections import deque

from server.ops.state.snapshot import Capture, Capturing
from server.ops.state.state import State
from server.store.chain import Head


def captured(state: State, head: Head) -> Capture:
    """The state as it is now."""
    capturing = Capturing(state, head)
    deque(capturing.steps(), maxlen=0)
    return capturing.captured
