"""The languages of Kestra's script tasks: what runs them, and in which container Kestra does so."""

from typing import Final

from kestrel_cli.tasks.base import record

SHELL: Final = ("/bin/sh", "-c")


@record
class Language:
    """`command` runs a file (none: the script itself is the commands); one of `programs` has to be
    there. `strict` makes the interpreter stop at the first failure. `before` goes before the
    user's own preparations. `above` stands above the user's script in its file.
    """

    image: str
    command: str | None
    suffix: str
    programs: tuple[str, ...]
    interpreter: tuple[str, ...] = SHELL
    strict: str = "set -e"
    before: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    above: str = ""


_UNBUFFERED: Final = (("PYTHONUNBUFFERED", "true"), ("PIP_ROOT_USER_ACTION", "ignore"))
_DOTNET: Final = "mcr.microsoft.com/dotnet/sdk:10.0"
_CSHARP: Final = Language(
    _DOTNET,
    "dotnet-script",
    ".csx",
    ("dotnet",),
    before=(
        "command -v dotnet-script >/dev/null || "
        "dotnet tool install -g dotnet-script --ignore-failed-sources || true",
        'export PATH="$PATH:$HOME/.dotnet/tools"',
    ),
)

LANGUAGES: Final = {
    "bun": Language("oven/bun", "bun run", ".ts", ("bun",)),
    "csharp": _CSHARP,
    "deno": Language("denoland/deno", "deno run", ".ts", ("deno",)),
    "dotnet": _CSHARP,  # the older name
    "fsharp": Language(_DOTNET, "dotnet fsi", ".fsx", ("dotnet",)),
    "go": Language("golang", "go run", ".go", ("go",)),
    "groovy": Language("groovy", "groovy", ".groovy", ("groovy",)),
    "jbang": Language("jbangdev/jbang-action", "jbang", ".java", ("jbang",)),
    "julia": Language("julia", "julia", ".jl", ("julia",)),
    "lua": Language("nickblah/lua", "lua", ".lua", ("lua",)),
    "node": Language("node", "node", ".js", ("node",), environ=_UNBUFFERED),
    "perl": Language("perl", "perl", ".pl", ("perl",)),
    "php": Language("php", "php", ".php", ("php",)),
    "powershell": Language(
        "ghcr.io/kestra-io/powershell:latest",
        "&",
        ".ps1",
        ("pwsh",),
        interpreter=("pwsh", "-NoProfile", "-NonInteractive", "-Command"),
        strict="$ErrorActionPreference = 'Stop'",
    ),
    "python": Language(
        "python:3.13-slim",
        "python",
        ".py",
        ("python", "python3"),
        environ=(*_UNBUFFERED, ("PIP_DISABLE_PIP_VERSION_CHECK", "1")),
        above="true, false, null = True, False, None\n",  # what is rendered to JSON can be read
    ),
    "r": Language("r-base", "Rscript", ".R", ("Rscript",)),
    "ruby": Language("ruby", "ruby", ".rb", ("ruby",)),
    "shell": Language("ubuntu", None, "", ()),
}
