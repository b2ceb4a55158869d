"""Facts about runbooks."""
