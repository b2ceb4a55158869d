"""Facts about the house, mirrored folder by folder."""
