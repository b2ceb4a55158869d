"""Facts about server/stack."""
