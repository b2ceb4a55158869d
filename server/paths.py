"""The places of the checkout (or of the installed packages) that the processes read from."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds the packages ``server``, ``alerts``, ``runbooks``, ``web`` and ``console``.

In a release of the API it is the release's own folder: a copy of the code finds its own places.
"""
RULES = CHECKOUT / "alerts" / "rules"
"""The rule files that the evaluator loads where nobody names others."""
RUNBOOKS = CHECKOUT / "runbooks"
"""The runbooks and ``actions.yml``."""
LOAD_TEST = CHECKOUT / "load_tests" / "baseline_test.py"
"""The locust file of the light load test; it is there in a checkout only."""
