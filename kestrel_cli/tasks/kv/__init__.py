"""Task types that read and change the key-value store."""
