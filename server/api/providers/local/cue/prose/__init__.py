"""Objects of a list that running prose tells, read to the last word."""
