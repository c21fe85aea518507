"""The contexts that kestractl keeps, in `~/.kestractl/config.yaml`: read, never written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.errors import CannotStart
from kestrel_cli.model.record import fresh, record
from kestrel_cli.server.said import Said, headers_of

_LARGEST: Final = 1_000_000


@record
class Contexts:
    """All contexts of the file, and which one kestractl uses when it is not told."""

    named: dict[str, Said] = fresh(factory=dict)
    default: str | None = None


def file_contexts(environ: Mapping[str, str]) -> Contexts:
    """The contexts; none without a file. Raises CannotStart for a file that is not right."""
    place = config_file(environ)
    try:
        with place.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError):  # not there, or not for us
        return Contexts()
    if len(data) > _LARGEST:
        raise CannotStart(f"{place}: this file is too large for a configuration")
    document = _read(data, place)
    contexts = document.get("contexts") or {}
    if not isinstance(contexts, dict):
        raise CannotStart(f"{place}: `contexts` must be a map")
    default = document.get("default_context")
    named = {str(name): _said(str(name), value, place) for name, value in contexts.items()}
    return Contexts(named, default if isinstance(default, str) else None)


def config_file(environ: Mapping[str, str]) -> Path:
    """Where kestractl keeps them."""
    if said := environ.get("KESTRACTL_CONFIG"):
        return Path(said)
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    return Path(home) / ".kestractl" / "config.yaml"


def _read(data: bytes, place: Path) -> dict[str, Any]:
    # Here and not above: most servers are named elsewhere.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(data)
    except (YAMLError, UnicodeError, RecursionError, ValueError):
        # The words of the parser would quote the file, which holds tokens.
        raise CannotStart(f"{place}: this is not YAML") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise CannotStart(f"{place}: this must be a map")
    return found


def _said(name: str, value: Any, place: Path) -> Said:
    where = f"{place}: `contexts.{name}`"
    if not isinstance(value, dict):
        raise CannotStart(f"{where} must be a map")

    def text(key: str) -> str | None:
        found = value.get(key)
        if found is None or found == "":
            return None
        if isinstance(found, (dict, list, bool)):
            raise CannotStart(f"{where}: `{key}` must be text")
        return str(found)

    said = Said(f"{place} ({name})", text("host") or "", text("tenant"))
    said.headers = headers_of(value.get("headers"), where)
    # Both may be there: `auth_method` tells which one counts.
    method = (text("auth_method") or "").lower()
    if method != "token":
        said.user, said.password = text("username"), text("password")
    if method not in ("basic", "username_password"):
        said.token = text("token")
    return said
