"""Did-you-mean: the known name that a misspelled one was probably meant to be."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LONGEST: Final = 200  # longer texts are no misspelled names; the distance costs length by length
_MOST_ERRORS: Final = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name within a few typing errors; case does not count. None when nothing is near."""
    if len(name) > _LONGEST:
        return None
    wanted = name.lower()
    head = wanted[: wanted.rfind(".") + 1]  # most names share it, and there may be thousands
    cut = len(head)
    tail = wanted[cut:]
    letters, letters_of_tail = frozenset(wanted), frozenset(tail)
    best, least = None, _MOST_ERRORS + 1
    for candidate in known:
        allowed = min(max(len(candidate), len(name)) // 3, least - 1)
        if abs(len(candidate) - len(name)) > allowed:
            continue
        other = candidate.lower()
        shared = other.startswith(head)
        there = _letters(other[cut:] if shared else other)
        if len((letters_of_tail if shared else letters) - there) <= allowed:  # each is an error
            found = distance(wanted, other, allowed)
            if found is not None:
                best, least = candidate, found
    return best


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
    one, other = _apart(one, other)
    if not (one and other):
        return max(len(one), len(other))
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


@lru_cache(20_000)
def _letters(text: str) -> frozenset[str]:
    return frozenset(text)


def _apart(one: str, other: str) -> tuple[str, str]:
    """What is left without the common beginning and end, which names of one namespace share."""
    most = min(len(one), len(other))
    start = next((n for n in range(most) if one[n] != other[n]), most)
    one, other = one[start:], other[start:]
    most -= start
    end = next((n for n in range(most) if one[-1 - n] != other[-1 - n]), most)
    return one[: len(one) - end], other[: len(other) - end]
