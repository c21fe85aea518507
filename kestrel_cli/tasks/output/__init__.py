"""Outputs as a task (io.kestra.plugin.core.output)."""
