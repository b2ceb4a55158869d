"""Is it well, and would I know?"""
