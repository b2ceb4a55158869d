"""Side-by-side measurements, each printed as a ratio with its spread."""
