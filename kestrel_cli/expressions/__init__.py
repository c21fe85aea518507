"""Kestra's expression language on Jinja2: front end, values,
filters, functions, what a template sees.
"""

from kestrel_cli.expressions.template import render

__all__ = ["render"]
