"""Facts about what prompts in other languages than English word."""
