"""Facts about console."""
