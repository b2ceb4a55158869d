"""How a component of the public page may be."""

from typing import Literal

ComponentStatus = Literal[
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"
]
