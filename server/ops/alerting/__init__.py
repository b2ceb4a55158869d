"""Alerts on their way in and out, and what is told of an incident from the journal."""
