"""The local provider: rules and lexicons that understand a prompt without a network."""
