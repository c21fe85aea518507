"""Where secrets come from: files, `KESTREL_SECRET_<NAME>`, then `SECRET_<NAME>` in base64."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Final

PLAIN: Final = "KESTREL_SECRET_"
ENCODED: Final = "SECRET_"


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment as it is handed on to others."""
    return {name: text for name, text in environ.items() if not name.startswith((PLAIN, ENCODED))}


class Secrets:
    """The secrets of a run by name, whatever its case. Decoded when asked for."""

    def __init__(
        self,
        filed: Mapping[str, str],
        environ: Mapping[str, str],
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`filed` are those of `--secrets-file`, which come first."""
        self._filed = {name.upper(): value for name, value in filed.items()}
        self._plain = _named(environ, PLAIN)
        self._encoded = _named(environ, ENCODED)
        self._warn = warn
        self._undecodable: set[str] = set()

    def find(self, name: str) -> str | None:
        """The secret; None when no source has it. One that is not base64 is warned of once."""
        name = name.upper()
        for source in (self._filed, self._plain):
            if name in source:
                return source[name]
        return self._decoded(name)

    def around(self) -> Iterator[tuple[str, str, bool]]:
        """Every secret that the environment holds, whoever asks for it: its name, its text, and
        whether it is the one that `find` gives. A text that is not base64 is taken as it is.
        """
        for name, text in self._plain.items():
            yield name, text, name not in self._filed
        for name, text in self._encoded.items():
            try:
                yield name, _plain_text(text), name not in self._filed | self._plain
            except ValueError:
                yield name, text, False

    def _decoded(self, name: str) -> str | None:
        encoded = self._encoded.get(name)
        if encoded is None or name in self._undecodable:
            return None
        try:
            return _plain_text(encoded)
        except ValueError:
            self._undecodable.add(name)
            self._warn(
                f"{ENCODED}{name} is left out: it is not base64 text"
                f" ({PLAIN}{name} takes a secret as it is)"
            )
            return None


def how_to_set(name: str) -> str:
    """What gives a run the secret."""
    name = name.upper()
    return (
        f"give it in a `--secrets-file`, or set the environment variable {PLAIN}{name}, "
        f"or {ENCODED}{name} in base64"
    )


def _plain_text(encoded: str) -> str:
    return b64decode("".join(encoded.split()), validate=True).decode("utf-8")


def _named(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name[len(prefix) :].upper(): value
        for name, value in environ.items()
        if name.startswith(prefix) and len(name) > len(prefix)
    }
