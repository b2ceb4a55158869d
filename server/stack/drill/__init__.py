"""Drills: cause an alert for real in a throw-away stack, cure it with its runbook's own steps, measure the times."""
