"""Kestra's expression language on Jinja2: front end, values, filters, functions, variables."""

from kestrel_cli.expressions.template import render

__all__ = ["render"]
