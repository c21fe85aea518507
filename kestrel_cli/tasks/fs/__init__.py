"""The types io.kestra.plugin.fs.local.*: files and folders of the machine itself."""
