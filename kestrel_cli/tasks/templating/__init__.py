"""Tasks that are made of text (io.kestra.plugin.core.templating)."""
