"""Files and folders of the machine itself (io.kestra.plugin.fs.local)."""
