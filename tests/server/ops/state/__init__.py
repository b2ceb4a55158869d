"""Facts about server, ops, state."""
