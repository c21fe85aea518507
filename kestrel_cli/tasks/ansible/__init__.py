"""Ansible (io.kestra.plugin.ansible): its commands, run by the programs that it brings."""
