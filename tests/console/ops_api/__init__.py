"""Facts about console, ops api."""
