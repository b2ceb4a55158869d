"""The local stack under supervisor, and the targets on which commands really act."""
