"""Task types that read and change the files of namespaces."""
