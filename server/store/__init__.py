"""The stores: PostgreSQL, Redis and the journal, each library imported in one file."""
