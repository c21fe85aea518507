"""What a list of runs tells of one of them."""

from kestrel_cli.model.record import record


@record
class Summary:
    """One run. Moments are in microseconds since 1970; None: not known, for it has not ended."""

    id: str
    namespace: str
    flow_id: str
    state: str  # of its execution; LOST: its process ended before it did
    started_at: int
    ended_at: int | None
    runs: int | None  # task runs
    file: str
