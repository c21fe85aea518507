"""Repositories (io.kestra.plugin.git): the type Clone, and how the program `git` is asked."""
