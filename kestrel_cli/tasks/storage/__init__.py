"""Files in internal storage (io.kestra.plugin.core.storage)."""
