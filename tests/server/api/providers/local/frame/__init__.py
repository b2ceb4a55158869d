"""What clauses tell of who does what to what."""
