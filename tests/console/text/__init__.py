"""Facts about console, text."""
