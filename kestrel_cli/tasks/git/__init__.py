"""The types io.kestra.plugin.git.*."""
