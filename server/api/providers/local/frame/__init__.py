"""Clauses read as frames: who does what to what, where, for whom; and which property each of these is the value of."""
