"""Calling people."""
