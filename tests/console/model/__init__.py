"""Facts about console, model."""
