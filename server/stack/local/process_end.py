"""Waiting for the end of a process that is not a child of ours."""

import os
import select

from server.runner.process import stat_of


def wait_for_end(pid: int, started: int) -> bool:
    """Returns when that process has ended; False where there is none that began then (clock ticks since boot)."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        # Looked at once the descriptor is held: from here on it can be no later process of the same number.
        found = stat_of(pid)
        if found is None or found.start_time != started:
            return False
        select.select([descriptor], [], [])
        return True
    finally:
        os.close(descriptor)
