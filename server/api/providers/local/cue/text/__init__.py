"""Texts that cues name: numbers of things, days and hours, names, roles, places, things."""
