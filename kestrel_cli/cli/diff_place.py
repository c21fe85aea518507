"""The server of `kestrel diff`, imported when one is named."""

import os
from collections.abc import Callable

from kestrel_cli.app.elsewhere.place import Place, context_named, place_of
from kestrel_cli.cli.server_options import Where
from kestrel_cli.server.asking import Asking
from kestrel_cli.store.config import Config


def finder(where: Where, config: Config) -> Callable[[], Place]:
    """Finds it, when it is called. Raises UsageError, CannotStart, NothingMatched at once."""
    context = context_named(where.on, where.server, where.tenant, os.environ, config.contexts)
    return lambda: place_of(context, where.on, where.tenant, Asking)
