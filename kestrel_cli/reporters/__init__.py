"""Turn events into something to read: terminal, tree, JSON."""
