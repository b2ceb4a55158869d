"""A figure beside what it has to reach, and how a benchmark ends with several of them."""

import json
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple


class Bar(NamedTuple):
    """One figure and what it has to reach."""

    name: str
    measured: float
    wanted: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it does."""
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        return f"{self.name}: {self.measured:,.2f} ({sign} {self.wanted:g}) {'met' if self.met else 'MISSED'}"


def tell(bars: Sequence[Bar], *, as_json: bool = False) -> int:
    """Prints the figures, with the load of the machine beside them; 1 where one misses its bar, else 0."""
    print(json.dumps([bar._asdict() for bar in bars]) if as_json else "\n".join(map(str, bars)))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"load averages at the end: {load}", file=sys.stderr)
    return 0 if all(bar.met for bar in bars) else 1
