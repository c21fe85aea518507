"""Did-you-mean: the known name that a misspelled one was probably meant to be."""

from collections.abc import Iterable

_LONGEST = 200  # longer texts are no misspelled names; the distance costs length times length


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name within a few typing errors; case does not count. None when nothing is near."""
    if len(name) > _LONGEST:
        return None
    best: tuple[int, str] | None = None
    for candidate in known:
        allowed = max(len(candidate), len(name)) // 3
        found = distance(name.lower(), candidate.lower(), min(allowed, 3))
        if found is not None and (best is None or found < best[0]):
            best = (found, candidate)
    return best[1] if best else None


def nearest_type(name: str, known: Iterable[str]) -> str | None:
    """The task type that differs from `name` by typing errors in one part, or only in its package.

    One part at a time, because real types of other plugins are often two short parts away.
    """
    if len(name) > _LONGEST:
        return None
    candidates = list(known)
    parts = name.split(".")
    if len(parts) == 1:
        simple = nearest(name, [one.rpartition(".")[2] for one in candidates])
        return next((one for one in candidates if one.rpartition(".")[2] == simple), None)
    for candidate in candidates:
        if _one_part_off(parts, candidate.split(".")):
            return candidate
    return _moved(parts, candidates)


def _one_part_off(parts: list[str], known: list[str]) -> bool:
    if len(parts) != len(known):
        return False
    wrong = [(one, other) for one, other in zip(parts, known, strict=True) if one != other]
    return len(wrong) == 1 and nearest(wrong[0][0], [wrong[0][1]]) is not None


def _moved(parts: list[str], candidates: list[str]) -> str | None:
    """A core type whose package was written wrongly, such as `io.kestra.plugin.core.Log`."""
    if parts[:4] != ["io", "kestra", "plugin", "core"]:
        return None
    same = [one for one in candidates if one.rpartition(".")[2].lower() == parts[-1].lower()]
    return same[0] if len(same) == 1 else None


def distance(one: str, other: str, limit: int) -> int | None:
    """How many typing errors apart (a swap of neighbours is one); None beyond the limit."""
    if abs(len(one) - len(other)) > limit:
        return None
    older: list[int] = []
    above = list(range(len(other) + 1))
    for row, character in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (character != wanted))
            swapped = row > 1 < column and character == other[column - 2] and one[row - 2] == wanted
            if swapped:
                cost = min(cost, older[column - 2] + 1)
            line.append(cost)
        if min(line) > limit:
            return None
        older, above = above, line
    return above[-1] if above[-1] <= limit else None
