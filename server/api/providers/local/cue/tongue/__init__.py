"""What a prompt in another language than English words by tables of every language: choices, truths, counts, rows."""
