"""Facts about maintenance windows."""
