"""Files packed and unpacked (io.kestra.plugin.compress): types, archives and streams."""
