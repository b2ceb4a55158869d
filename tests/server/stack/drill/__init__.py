"""Facts about server, stack, drill."""
