"""Facts about house."""
