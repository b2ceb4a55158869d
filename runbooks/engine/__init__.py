"""Runbook and action files parsed, checked and catalogued, without touching a disk or a process."""
