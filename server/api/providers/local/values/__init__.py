"""Values of a schema that one structure of the prompt gives to several properties together."""
