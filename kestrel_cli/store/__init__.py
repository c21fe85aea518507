"""What outlives a run: the journal."""
