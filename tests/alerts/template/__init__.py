"""Facts about templates."""
