"""Maintenance windows at the edge: what people do with them, and what their owners are called for."""
