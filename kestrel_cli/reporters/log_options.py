"""How live lines are told, besides what the stream can show."""

from typing import Final, Literal

from kestrel_cli.model.record import frozen

LogForm = Literal["full", "short", "json"]
LogOn = Literal["always", "failure"]


@frozen
class LogOptions:
    """`form`: how a line is written. `on`: when the lines of a task run are told, as they come or
    once it has failed. `verbose`: 1 tells what ended, too, 2 also what begins. `folds`: equal
    failures of a loop are counted. `live`: lines come as they are logged; else they are read back,
    and what follows one is known.
    """

    form: LogForm = "full"
    on: LogOn = "always"
    verbose: int = 0
    folds: bool = True
    live: bool = True


AS_USUAL: Final = LogOptions()
