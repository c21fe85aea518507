"""Files of namespaces (io.kestra.plugin.core.namespace), and how a task chooses among them."""
