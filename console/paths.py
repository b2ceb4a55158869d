"""The places of the checkout (or of the installed packages) that the console reads from."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds the packages."""
RUNBOOKS = CHECKOUT / "runbooks"
"""The runbooks and ``actions.yml``."""
