"""Values of which a passage has one of the kind and a schema asks for one: its one distance, its one amount, the one choice that it names."""
