"""The public page: rendered when something changed, switched into place at once."""
