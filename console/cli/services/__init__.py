"""The services of the target."""
