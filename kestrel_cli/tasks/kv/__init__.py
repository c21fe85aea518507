"""The key-value store (io.kestra.plugin.core.kv): the types, and how keys and values are read."""
