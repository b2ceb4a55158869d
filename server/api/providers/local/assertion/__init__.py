"""What a prompt asserts, and what it only asks, supposes, reports or quotes."""
