"""Repositories (io.kestra.plugin.git), by the program `git`: clones, pushes, namespace files."""
