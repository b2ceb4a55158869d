"""The full-screen console: the only folder that imports textual."""
