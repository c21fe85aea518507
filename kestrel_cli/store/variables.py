"""Variables of the environment that look like settings and are none."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from kestrel_cli.store.config_keys import KEYS, variable

_PREFIX: Final = "KESTREL_"
# Those of one's own processes, and those that anybody names.
_OTHERS: Final = ("KESTREL_NO_PLUGINS", "KESTREL_CHILD", "KESTREL_SSH_ANSWER")
_BEGIN: Final = ("KESTREL_SECRET_", "KESTREL_GIT_")
_MEANT: Final = [name[len(_PREFIX) :] for name in (*map(variable, KEYS), *_OTHERS[:1], *_BEGIN[:1])]


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """What to tell of each `KESTREL_X` that nothing reads, with the near name; never its value."""
    known = [*map(variable, KEYS), *_OTHERS]
    told = []
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known and not name.startswith(_BEGIN):
            near = get_close_matches(name[len(_PREFIX) :], _MEANT, n=1, cutoff=0.7)
            hint = f"; did you mean `{_PREFIX}{near[0]}`?" if near else "; it is ignored"
            told.append(f"unknown variable `{name}`{hint}")
    return told
