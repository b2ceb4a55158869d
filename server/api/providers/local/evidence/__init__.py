"""What a prompt holds of one property, and which of the things in it are that property's."""
