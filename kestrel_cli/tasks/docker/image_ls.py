"""io.kestra.plugin.docker.cli.ImageLs"""

import json
from datetime import datetime
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, TaskFailed
from kestrel_cli.tasks.docker.engine import EngineTask


class ImageLs(EngineTask):
    """List the images that are here."""

    showAll: Dynamic[bool] = False
    imageNameFilter: Dynamic[str] | None = None
    labelFilter: Dynamic[dict[str, str]] | None = None

    gives: ClassVar[dict[str, str]] = {
        "images": "for each its `id`, `repoTags`, `repoDigests`, `size` (in bytes), `created` (in"
        " seconds since 1970) and `labels`",
        "count": "how many there are",
    }

    def run(self, ctx: RunContext) -> Outcome:
        options = ["--all"] if ctx.boolean(self.showAll) else []
        if name := ctx.text(self.imageNameFilter):
            options += ["--filter", f"reference={name}"]
        for label, value in ctx.structure(self.labelFilter or {}).items():
            options += ["--filter", f"label={label}={value}"]
        with self.asked(ctx) as ask:
            ids = ask.answer("image", "ls", "--quiet", "--no-trunc", *options).split()
            unique = list(dict.fromkeys(ids))
            told = ask.answer("image", "inspect", *unique) if unique else "[]"
        try:
            images = [_image(one) for one in json.loads(told)]
        except (ValueError, TypeError, AttributeError):
            raise TaskFailed("the list of images can't be read") from None
        ctx.log("INFO", f"Found {len(images)} image(s)")
        return Outcome({"images": images, "count": len(images)})


def _image(said: dict[str, Any]) -> dict[str, object]:
    return {
        "id": said["Id"],
        "repoTags": said.get("RepoTags") or [],
        "repoDigests": said.get("RepoDigests") or [],
        "size": said.get("Size"),
        "created": _seconds(said.get("Created")),
        "labels": (said.get("Config") or {}).get("Labels") or said.get("Labels") or {},
    }


def _seconds(moment: object) -> int | None:
    """Of a date with more digits behind the seconds than Python takes."""
    if not isinstance(moment, str):
        return None
    whole = moment.partition(".")[0].removesuffix("Z")
    return int(datetime.fromisoformat(f"{whole[:19]}+00:00").timestamp())
