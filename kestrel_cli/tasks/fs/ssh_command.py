"""io.kestra.plugin.fs.ssh.Command"""

from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from kestrel_cli.tasks.base import Dynamic, Filled, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.processes.run import Command as Process
from kestrel_cli.tasks.processes.run import run_command
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.properties.words import word

_METHODS: Final = ("PASSWORD", "PUBLIC_KEY", "OPEN_SSH")
# ssh runs it where it would ask a person; the words come from the environment.
_ASKED: Final = '#!/bin/sh\nprintf "%s\\n" "$KESTREL_SSH_ANSWER"\n'
_OLD: Final = "+ssh-rsa"


class Command(RunnableTask):
    """Run commands on another machine, by the program ssh.

    They run in one shell there. Who logs in says `authMethod`: a password, a private key, or what
    the configuration of this machine's user says.
    """

    host: Dynamic[str]
    port: Dynamic[str] = "22"
    authMethod: Dynamic[Literal["PASSWORD", "PUBLIC_KEY", "OPEN_SSH"]] = "PASSWORD"
    username: Dynamic[str] | None = None
    password: Dynamic[str] | None = None
    privateKey: Dynamic[str] | None = None
    privateKeyPassphrase: Dynamic[str] | None = None
    openSSHConfigDir: Dynamic[str] = "~/.ssh/config"
    openSSHConfigPath: Dynamic[str] | None = None
    proxyCommand: Dynamic[str] | None = None
    strictHostKeyChecking: Dynamic[str] = "no"
    enableSshRsa1: Dynamic[bool] = False
    env: Dynamic[dict[str, str]] | None = None
    warningOnStdErr: Dynamic[bool] | None = None
    commands: Annotated[Dynamic[list[str]], Filled]

    gives: ClassVar[dict[str, str]] = {
        "vars": 'the outputs that the commands wrote as `::{"outputs": {...}}::`',
        "exitCode": "the exit code",
    }
    blocking: ClassVar[bool] = True
    outward: ClassVar[bool] = True

    def needs(self) -> list[str]:
        """The program without which nothing works."""
        return ["ssh"]

    def run(self, ctx: RunContext) -> Outcome:
        host, user = ctx.text(self.host), ctx.text(self.username)
        if not host or host.startswith("-") or user.startswith("-"):
            raise TaskFailed(f"`host` and `username` can't be these: {host!r}, {user!r}")
        if ctx.about.offline:
            raise TaskFailed(f"the connection to {host} is refused: `--offline` allows none")
        given = {name: str(text) for name, text in ctx.structure(self.env or {}).items()}
        feed = Feed(ctx)
        with ctx.files.scratch("ssh") as private:
            options, answer = self._options(ctx, private)
            options += [part for name in given for part in ("-o", f"SendEnv={name}")]
            name = f"{user}@{host}" if user else host
            argv = ["ssh", "-T", *options, "--", name, "\n".join(texts(ctx, self.commands))]
            environ = {**ctx.about.environ, **given, **_answering(private, answer)}
            code = run_command(ctx, Process(argv, private, environ, f"ssh {name}"), feed)
        outputs = {"vars": feed.outputs, "exitCode": code}
        if code:
            raise TaskFailed(f"SSH command fails with exit status {code}", outputs=outputs)
        return Outcome(outputs)

    def _options(self, ctx: RunContext, private: Path) -> tuple[list[str], str]:
        """Of the program, and what it answers when it is asked for something secret."""
        settings, answer = self._login(ctx, private)
        options = ["-p", ctx.text(self.port)]
        if ctx.text(self.strictHostKeyChecking).lower() in ("no", "false"):
            # Whoever answers is believed, and not remembered.
            settings |= {"StrictHostKeyChecking": "no", "LogLevel": "ERROR"}
            settings["UserKnownHostsFile"] = str(private / "known_hosts")
        else:  # nobody is there to be asked
            settings["StrictHostKeyChecking"] = "yes"
        if proxy := ctx.text(self.proxyCommand).strip():
            settings["ProxyCommand"] = proxy
        if ctx.boolean(self.enableSshRsa1):
            settings |= {"HostKeyAlgorithms": _OLD, "PubkeyAcceptedAlgorithms": _OLD}
        options += ["-F", settings.pop("-F")]
        return options + [part for pair in settings.items() for part in _option(*pair)], answer

    def _login(self, ctx: RunContext, private: Path) -> tuple[dict[str, str], str]:
        method = word(ctx, "authMethod", self.authMethod, *_METHODS)
        password, key = ctx.text(self.password), ctx.text(self.privateKey)
        passphrase = ctx.text(self.privateKeyPassphrase)
        for secret in (password, key, passphrase):
            if secret:
                ctx.hide(secret)
        if method == "OPEN_SSH":
            path = ctx.text(self.openSSHConfigPath) or ctx.text(self.openSSHConfigDir)
            home = ctx.about.environ.get("HOME", "~")
            place = Path(home + path[1:] if path.startswith("~/") else path)
            return {"-F": str(place) if place.exists() else "none"}, password or passphrase
        wanted, name = (password, "Password") if method == "PASSWORD" else (key, "Private key")
        if not wanted:
            raise TaskFailed(f"{name} is necessary for given SSH auth method: {method}")
        if method == "PASSWORD":
            ways = "password,keyboard-interactive"
            return {"-F": "none", "PreferredAuthentications": ways, **_once()}, password
        place = private / "key"
        place.touch(mode=0o600)
        place.write_text(key.replace("\r\n", "\n").strip() + "\n", "utf-8")
        settings = {"IdentityFile": str(place), "IdentitiesOnly": "yes", **_once()}
        return {"-F": "none", "PreferredAuthentications": "publickey", **settings}, passphrase


def _once() -> dict[str, str]:
    return {"NumberOfPasswordPrompts": "1"}


def _option(name: str, value: str) -> list[str]:
    return ["-o", f"{name}={value}"]


def _answering(private: Path, answer: str) -> dict[str, str]:
    """The environment in which ssh gets its answer, or none, and never asks a person."""
    program = private / "answer"
    program.touch(mode=0o700)
    program.write_text(_ASKED if answer else "#!/bin/sh\nexit 1\n")
    environ = {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
    return {**environ, "KESTREL_SSH_ANSWER": answer}
