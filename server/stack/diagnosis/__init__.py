"""What ails the service: PostgreSQL, Redis, the API and one request looked at, each with a verdict."""
