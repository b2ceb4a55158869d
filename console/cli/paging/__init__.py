"""Who is called."""
