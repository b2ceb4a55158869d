"""Facts about server/ops."""
