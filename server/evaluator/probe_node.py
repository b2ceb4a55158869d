"""The host probed through psutil, under node_exporter's metric names."""

import asyncio
import socket
from collections.abc import Iterator

import psutil

from server.evaluator.target import ScrapeTarget
from server.exposition import ExposedSample, Exposition, Metadata

METRICS = {
    "node_memory_MemTotal_bytes": Metadata("gauge", "Memory of the host."),
    "node_memory_MemAvailable_bytes": Metadata("gauge", "Memory that programs can still have."),
    "node_cpu_seconds_total": Metadata("counter", "Seconds the processors spent in each mode."),
    "node_filesystem_avail_bytes": Metadata("gauge", "Space that ordinary users can still fill."),
    "node_filesystem_size_bytes": Metadata("gauge", "Size of the file system."),
    "node_load1": Metadata("gauge", "Load average over a minute."),
}
_MOUNTPOINT = "/"


def instance() -> str:
    """The host's name."""
    return socket.gethostname()


async def probe_node(_: ScrapeTarget) -> Exposition:
    """The host's memory, processors and root file system."""
    return Exposition(await asyncio.to_thread(lambda: list(_samples())), METRICS)


def _samples() -> Iterator[ExposedSample]:
    memory = psutil.virtual_memory()
    yield ExposedSample("node_memory_MemTotal_bytes", float(memory.total), None)
    yield ExposedSample("node_memory_MemAvailable_bytes", float(memory.available), None)
    for cpu, times in enumerate(psutil.cpu_times(percpu=True)):
        for mode, seconds in times._asdict().items():
            if not mode.startswith("guest"):
                yield ExposedSample(
                    f'node_cpu_seconds_total{{cpu="{cpu}",mode="{mode}"}}', float(seconds), None
                )
    disk = psutil.disk_usage(_MOUNTPOINT)
    yield ExposedSample(f'node_filesystem_avail_bytes{{mountpoint="{_MOUNTPOINT}"}}', float(disk.free), None)
    yield ExposedSample(f'node_filesystem_size_bytes{{mountpoint="{_MOUNTPOINT}"}}', float(disk.total), None)
    yield ExposedSample("node_load1", psutil.getloadavg()[0], None)
