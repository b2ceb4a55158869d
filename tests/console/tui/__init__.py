"""Facts about console, tui."""
