"""What is kept and written about incidents."""
