"""Reads a YAML file into a Flow, or says what is wrong with it and where."""

from kestrel_cli.flowfile.loader import Loaded, load, load_bytes
from kestrel_cli.flowfile.reader import MAX_DEPTH

__all__ = ["MAX_DEPTH", "Loaded", "load", "load_bytes"]
