"""Facts about server, stack, diagnosis."""
