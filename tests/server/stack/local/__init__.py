"""Facts about server, stack, local."""
