"""io.kestra.plugin.fs.local.Download"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.fs.machine_files import place_of, stored


class Download(RunnableTask):
    """Copy a file of the machine into internal storage: `uri`, `size`.

    With `validateChecksum` its SHA-256 has to be `checksumExpected`.
    """

    from_: Dynamic[str]
    validateChecksum: Dynamic[bool] = False
    checksumExpected: Dynamic[str] | None = None

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "its size in bytes",
    }
    blocking: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        place = place_of(ctx, "from", self.from_)
        if not place.exists():
            raise TaskFailed(f"Source file '{place}' does not exist")
        uri, size = stored(ctx, place)
        if ctx.boolean(self.validateChecksum):
            self._check(ctx, uri)
        return Outcome({"uri": uri, "size": size})

    def _check(self, ctx: RunContext, uri: str) -> None:
        import hashlib

        wanted = ctx.text(self.checksumExpected).strip().lower()
        if not wanted:
            raise TaskFailed("validateChecksum needs checksumExpected")
        digest = hashlib.sha256()
        with ctx.files.open(uri) as file:
            while part := file.read(1 << 20):
                digest.update(part)
        found = digest.hexdigest()
        if found != wanted:
            raise TaskFailed(f"Checksum mismatch: expected {wanted}, got {found}")
