"""Facts about the local provider."""
