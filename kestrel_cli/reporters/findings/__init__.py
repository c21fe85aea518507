"""Findings about flow files in the formats of CI systems, one module for each."""
