"""The log of the execution (io.kestra.plugin.core.log): written by Log, read by Fetch."""
