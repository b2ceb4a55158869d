"""A syntax tree and samples to values, at all steps of a query at once."""
