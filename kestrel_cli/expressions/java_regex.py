"""Java's regular expressions for templates and tasks: a pattern that is none is a RenderError."""

from __future__ import annotations

from typing import Final

from kestrel_cli.expressions.java_errors import rendering
from kestrel_cli.java import regex

compiled: Final = rendering(regex.compiled)
search: Final = rendering(regex.search)
replace_all: Final = rendering(regex.replace_all)
split: Final = rendering(regex.split)
