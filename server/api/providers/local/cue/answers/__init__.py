"""Choices and truths that cues name."""
