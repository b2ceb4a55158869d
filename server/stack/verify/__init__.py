"""Whether the service is really well: asked as a caller would ask, and under load."""
