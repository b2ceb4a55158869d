"""What the engineer touches: the `ops` command line and the full-screen console."""
