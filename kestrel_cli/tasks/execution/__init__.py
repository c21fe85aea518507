"""What changes or judges the running execution (io.kestra.plugin.core.execution)."""
