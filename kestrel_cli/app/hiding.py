"""Secrets that nobody has asked for yet, and that are hidden all the same."""

from collections.abc import Mapping
from typing import Final

from kestrel_cli.model.masker import Masker, Origin

_PREFIXES: Final = ("KESTREL_SECRET_", "SECRET_")


def hide_environment(masker: Masker, environ: Mapping[str, str], filed: Mapping[str, str]) -> None:
    """Hide every secret of the environment from now on. `filed` are those of `--secrets-file`,
    which come before it. One that is too short or too common is warned of when it is read.
    """
    if not any(name.startswith(_PREFIXES) for name in environ):
        return
    from kestrel_cli.store.secrets import Secrets

    for name, text, found in Secrets(filed, environ).around():
        masker.add(text, Origin("secret", name) if found else None)
