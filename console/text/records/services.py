"""The services of the target and the parts of the daemon as records."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from alerts.wire import ServiceView
from console.text.plain import one_line, since
from console.text.record_table import Cell, Column, Record, Tone, heading

SERVICE_COLUMNS = (
    Column("NAME", 10),
    Column("STATE", 11),
    Column("UP", 6),
    Column("PID", 8, gives_way=2),
    Column("URL", 22, gives_way=1),
    Column("DETAIL", 16, takes_rest=True),
)


class Services(msgspec.Struct, frozen=True):
    """What runs, and what the daemon says of its own parts."""

    services: tuple[ServiceView, ...]
    parts: Mapping[str, str]
    """Part of the daemon to ``ok``, or what is wrong with it."""
    trouble: str = ""
    """Why the services are not known; empty where they are."""


def parts_of(health: Mapping[str, Any]) -> dict[str, str]:
    """The parts that the daemon's answer about its health names, each with its word."""
    parts = health.get("parts", health)
    return {str(name): str(said) for name, said in parts.items() if isinstance(said, str)}


def service_records(found: Services, now: datetime) -> list[Record]:
    """Services in the order in which they start, then the daemon's parts."""
    parts = [_part(name, said) for name, said in sorted(found.parts.items())]
    return [
        heading(f"services: {one_line(found.trouble)}" if found.trouble else "services"),
        *(_service(one, now) for one in found.services),
        *([heading("parts of the ops daemon"), *parts] if parts else []),
    ]


def service_line(services: Sequence[ServiceView]) -> list[Cell]:
    """Every service in a word each: ``api ✓  redis ✗ stopped``."""
    cells: list[Cell] = []
    for one in services:
        well = one.state == "running"
        cells.append(Cell(f"{one.name} "))
        cells.append(Cell("✓  " if well else f"✗ {one.state}  ", "good" if well else "critical"))
    return cells


def _service(one: ServiceView, now: datetime) -> Record:
    tone: Tone = {"running": "good", "unknown": "dim"}.get(one.state, "critical")  # type: ignore[assignment]  # every value is a tone
    mark = {"running": "✓", "unknown": "?"}.get(one.state, "✗")
    up = since(now - timedelta(seconds=one.uptime_s), now) if one.uptime_s is not None else ""
    return Record(
        f"service:{one.name}",
        (
            Cell(one.name, "bold"),
            Cell(f"{mark} {one.state}", tone),
            Cell(up),
            Cell(str(one.pid or ""), "dim"),
            Cell(one_line(one.url or ""), "dim"),
            Cell(one_line(one.detail)),
        ),
    )


def _part(name: str, said: str) -> Record:
    well = said == "ok"
    blank = Cell("")
    return Record(
        f"part:{name}",
        (
            Cell(one_line(name)),
            Cell("✓ ok" if well else "! look", "good" if well else "warning"),
            blank,
            blank,
            blank,
            Cell("" if well else one_line(said), "warning"),
        ),
    )
