"""The local stack under supervisord: its programs, its start and its end."""
