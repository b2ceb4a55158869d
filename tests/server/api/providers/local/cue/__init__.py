"""Facts about values that cues name."""
