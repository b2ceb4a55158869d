"""Alerts, rules, PromQL, incidents and their state machines, as pure functions of values and time."""
