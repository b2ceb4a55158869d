"""The terminal itself: what it can do, and the way to its clipboard."""
