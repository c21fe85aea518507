"""Parts of an engine, for tests that look at one of them."""

from kestrel_cli.app import births
from kestrel_cli.app.engine.create import live_of
from kestrel_cli.app.engine.live import Live
from kestrel_cli.app.engine.tools import Tools


def live_in(tools: Tools) -> Live:
    """The first execution of the request, known to the engine, not begun."""
    birth = births.of_request(tools.request, tools.clock.now())
    live = live_of(births.execution_of(birth, tools.request.flow), tools)
    tools.journal.next_number()
    tools.lives[live] = None
    return live
