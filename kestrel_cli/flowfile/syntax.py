"""Words for text that is not YAML. Imported only when there is something to explain."""

import re
from typing import Final

from kestrel_cli.flowfile.characters import Mark, Text
from kestrel_cli.flowfile.findings import Findings
from kestrel_cli.flowfile.nodes import Node
from kestrel_cli.flowfile.source import Source

# `key: `, `- ` or both in front of a value that begins with an expression and no quote.
_UNQUOTED: Final = re.compile(r"""(\s*(?:-\s+)*(?:[^\s#'"{}\[\],:][^#'"{}]*?:\s+)?)(\{[{%].*)""")
_FIRST_KEY: Final = re.compile(r"\s*(?:-\s+)*[^\s:][^:]*:\s+")
_PLAIN_VALUE: Final = re.compile(
    r"""(\s*(?:-\s+)*[^\s#'":{}\[\]]+:\s+)([^\s"'|>\[{&*!#].*:(?:\s.*)?)"""
)
_ODD_INDENT: Final = re.compile("[ ]*([\t\xa0])[ \t\xa0]*")
_LOOK_BACK: Final = 5

# A part of ruamel's sentence -> code, our sentence, hint, whether the context's place says more.
_WORDS: Final = (
    ("could not find expected ':'", "syntax", "expected `key: value` or `- item`", None, True),
    (
        "mapping values are not allowed",
        "syntax",
        "a `:` cannot stand here",
        "indent the line like its neighbours, or quote the value if the `:` belongs to it",
        False,
    ),
    (
        "sequence entries are not allowed",
        "syntax",
        "a list item cannot start here",
        "put `- ` on a line of its own",
        False,
    ),
    ("found unexpected end of stream", "syntax", "this quote is never closed", None, True),
    ("found unexpected document separator", "syntax", "this quote is never closed", None, True),
    (
        "found unknown escape character",
        "syntax",
        "unknown escape in double quotes",
        "write the backslash twice, or use single quotes",
        False,
    ),
    ("expected ',' or ']'", "syntax", "expected `,` or `]`", None, False),
    ("expected ',' or '}'", "syntax", "expected `,` or `}`", None, False),
    ("expected alphabetic or numeric", "syntax", "expected a name", None, False),
    (
        "more indented follow up line",
        "indentation",
        "an empty line at the start of this text is indented deeper than the text",
        None,
        False,
    ),
)


def explain(problem: Exception, reader: Text, findings: Findings) -> None:
    """Add the one finding that says best why the text cannot be read."""
    at: Mark = getattr(problem, "problem_mark", None) or reader.get_mark()
    begun: Mark = getattr(problem, "context_mark", None) or at
    if _unquoted_expression(at, begun, findings):
        return
    if _odd_indentation(at, findings) or _odd_indentation(begun, findings):
        return
    said = f"{getattr(problem, 'context', '') or ''} {getattr(problem, 'problem', '') or ''}"
    code, message, hint, where = _in_our_words(said, at, begun, findings.source)
    findings.error(code, message, Node(None, where.line + 1, where.column + 1), hint)


def _odd_indentation(at: Mark, findings: Findings) -> bool:
    indent = _ODD_INDENT.match(findings.source.line(at.line + 1))
    if indent is None or at.column > indent.end():
        return False
    name = "tab" if indent[1] == "\t" else "no-break space"
    node = Node(None, at.line + 1, indent.start(1) + 1)
    findings.error("indentation", f"a {name} cannot indent a line in YAML", node, "use spaces")
    return True


def _in_our_words(
    said: str, at: Mark, begun: Mark, source: Source
) -> tuple[str, str, str | None, Mark]:
    for part, code, message, hint, at_context in _WORDS:
        if part in said:
            where = begun if at_context else at
            return code, message, _requoted(source.line(where.line + 1)) or hint, where
    if "expected <block end>" in said:
        return ("indentation", *_misplaced(at, begun), at)
    if "cannot start any token" in said:
        character = source.line(at.line + 1)[at.column : at.column + 1]
        return "syntax", f"a value cannot start with `{character}`", "put it in quotes", at
    if not said.strip():
        return "syntax", "this is not YAML", None, at
    return "syntax", f"this is not YAML: {_tidy(said)}", None, at


def _misplaced(at: Mark, begun: Mark) -> tuple[str, str]:
    if at.column != begun.column and at.line != begun.line:
        message = "this line is not indented like the lines it belongs to"
        hint = f"they start in column {begun.column + 1}, as in line {begun.line + 1}"
        return message, hint
    return (
        "this cannot stand here",
        "a value in quotes must fill its line; list items start with `- `",
    )


def _tidy(said: str) -> str:
    return re.sub(r"\s+", " ", said).strip()[:200]


def _requoted(line: str) -> str | None:
    """The corrected line when a plain value holds `: `."""
    found = _PLAIN_VALUE.match(line)
    return f"quote the value: `{found[1].strip()} {quoted(found[2])}`" if found else None


def _unquoted_expression(at: Mark, begun: Mark, findings: Findings) -> bool:
    first = max(begun.line, at.line - _LOOK_BACK)
    return any(unquoted(number + 1, findings) for number in range(at.line, first - 1, -1))


def unquoted(number: int, findings: Findings) -> bool:
    """Add the finding if this line's value starts with an expression that is not in quotes."""
    found = _UNQUOTED.match(findings.source.line(number))
    if found is None:
        return False
    before, value, message = found[1], found[2].rstrip(), "that starts with an expression"
    if (key := _FIRST_KEY.match(before)) and key.end() < len(before):
        # `message: note: {{ ... }}`: the second `:` belongs to the text
        before, value = key[0], findings.source.line(number)[key.end() :].rstrip()
        message = "that holds `: `"
    findings.error(
        "unquoted-expression",
        f"a value {message} must be in quotes",
        Node(None, number, len(before) + 1, len(value)),
        f"write `{(before.strip() + ' ' + quoted(value)).strip()}`",
    )
    return True


def quoted(value: str) -> str:
    """The text in the quotes that need the fewest changes."""
    value = value.rstrip()
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"
