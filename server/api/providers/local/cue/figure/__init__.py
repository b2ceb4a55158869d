"""Figures that cues name: counts, measures, amounts, ages, places in a row."""
