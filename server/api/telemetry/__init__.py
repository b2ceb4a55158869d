"""What the API tells of itself: metrics, log lines, and the request log in PostgreSQL."""
