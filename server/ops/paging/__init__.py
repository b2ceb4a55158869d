"""People are called: who, when, over which channel, and what became of it."""
