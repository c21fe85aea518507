"""Where a place inside a template stands in the file that holds the template."""

from collections.abc import Sequence

from kestrel_cli.diagnostic import Position


def place_in(lines: Sequence[str], first: int, template: str, at: int) -> tuple[int, int] | None:
    """1-based line and column of the offset `at` of `template`, which begins at line `first` or
    below.

    None when the template's text is not there as it is (an escape inside quotes, a folded block).
    """
    if at < 0:
        return None
    before = template[:at]
    column = at - (before.rfind("\n") + 1)
    wanted = template.split("\n")[before.count("\n")]
    for number in range(first, min(len(lines), first + 2000) + 1):
        line = lines[number - 1]
        start = line.find(wanted)
        if start >= 0 and wanted:
            return number, start + column + 1
    return None


def pointed(lines: Sequence[str], where: Position, template: str, at: int, length: int) -> str:
    """The place, the line and a caret under it, as diagnostics show them; else the task's place."""
    found = place_in(lines, where.line, template, at)
    if found is None:
        return f"  {where}"
    from kestrel_cli.flowfile.diagnostics import excerpt

    place = Position(where.file, *found)
    return "\n".join([f"  {place}", *excerpt(place, lines[place.line - 1], length)])


def name_length(template: str, at: int) -> int:
    """How many characters the name at an offset has; at least one."""
    end = at
    while end < len(template) and (template[end].isalnum() or template[end] == "_"):
        end += 1
    return max(end - at, 1)
