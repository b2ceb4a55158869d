"""Commands about what the public is told: maintenance windows, incidents, announcements."""
