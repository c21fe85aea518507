"""The types io.kestra.plugin.compress.*."""
