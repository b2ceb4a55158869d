"""What the master tells a worker, and the worker's answer: JSON over a socket pair, the listening sockets beside it.

Master and worker may be of different releases: fields are only ever added, and what is unknown is passed over.
"""

import msgspec

LARGEST = 65_536
"""Bytes of one message."""
MOST = 64
"""Sockets that come along with one message."""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """Which listening sockets to accept on from now on, and among how many workers."""

    listeners: tuple[int, ...]
    """Their numbers; the sockets come along in the same order."""
    workers: int


class AssignmentTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The worker does as it was told."""

    version: str
    """Of the code that it runs."""
