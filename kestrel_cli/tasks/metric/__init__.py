"""Metrics that a flow publishes (io.kestra.plugin.core.metric)."""
