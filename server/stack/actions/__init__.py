"""What actions do to the local target, each a program of its own."""
