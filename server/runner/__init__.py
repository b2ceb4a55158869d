"""Steps and actions as processes: the shim, the group kill, redaction and output files."""
