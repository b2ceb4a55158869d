"""Doing something about it, and seeing what was done."""
