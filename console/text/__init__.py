"""Words and lines for people: foreign text made harmless, wording, glyphs."""
