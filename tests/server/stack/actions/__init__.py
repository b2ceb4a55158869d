"""Facts about server, stack, actions."""
