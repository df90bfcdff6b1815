"""The embedded encoder: a character-level Chinese BERT that needs no model hub."""
