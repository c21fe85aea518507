"""Task types that keep a state between executions."""
