"""Reads a flow file into a Flow, or into a list of diagnostics."""
