"""State that a flow keeps for its next executions (io.kestra.plugin.core.state)."""
