"""Facts about PromQL."""
