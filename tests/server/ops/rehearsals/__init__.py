"""Facts about server, ops, rehearsals."""
