"""What a prompt writes in a form that machines read too: tables, records of keys and values, JSON."""
