"""Lists, rows and pairs that are told one behind the other."""
