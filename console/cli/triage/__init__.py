"""What is wrong, and whose it is."""
