"""Tasks that run scripts."""
