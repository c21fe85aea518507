"""How fast Kestrel starts and runs, as ratios against bare Python measured in the same run.

    python tests/benchmarks/run.py            everything (about two minutes)
    python tests/benchmarks/run.py --quick    fewer rounds and no 100,000 iterations
    python tests/benchmarks/run.py --only scripts

Ratios, because absolute times differ between machines and hours. No test looks at them: they are
read before and after a change to the hot path.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
KESTREL = [sys.executable, "-m", "kestrel_cli"]

ONE_TASK = """\
id: one
namespace: bench
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: Hello {{ flow.id }}
"""
LOOP = """\
id: loop
namespace: bench
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, COUNT) }}"
    tasks:
      - id: return
        type: io.kestra.plugin.core.debug.Return
        format: "value {{ taskrun.value }}"
"""
NESTED = """\
id: nested
namespace: bench
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, 100) }}"
    tasks:
      - id: inner
        type: io.kestra.plugin.core.flow.ForEach
        values: "{{ range(1, 100) }}"
        tasks:
          - id: return
            type: io.kestra.plugin.core.debug.Return
            format: "value {{ taskrun.value }}"
"""
SCRIPT = """\
  - id: TASK
    type: io.kestra.plugin.scripts.TYPE
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
"""
BARE = "import subprocess\nfor _ in range({}): subprocess.run(['/bin/sh', '-c', 'true'])"


def scripts(count: int, kind: str, what: str, *, parallel: bool = False) -> str:
    """A flow of so many scripts, one after the other or side by side."""
    tasks = "".join(
        SCRIPT.replace("TASK", f"t{n}").replace("TYPE", kind)
        + ("    script: pass\n" if kind.endswith("Script") else f"    commands: ['{what}']\n")
        for n in range(count)
    )
    if parallel:
        inner = "".join(f"    {line}\n" for line in tasks.splitlines())
        tasks = f"  - id: all\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n{inner}"
    return f"id: scripts\nnamespace: bench\ntasks:\n{tasks}"


def deep(levels: int) -> str:
    """A flow of `levels` Sequential tasks, one inside the other; flow style keeps it short."""
    opened = "".join(
        f"{{id: s{n}, type: io.kestra.plugin.core.flow.Sequential, tasks: [" for n in range(levels)
    )
    leaf = '{id: return, type: io.kestra.plugin.core.debug.Return, format: "value {{ flow.id }}"}'
    return f"id: deep\nnamespace: bench\ntasks: [{opened}{leaf}{']}' * levels}]\n"


class Child:
    """One run of a command: wall time in seconds and peak memory in kB. Fails loudly."""

    def __init__(self, command: list[str], state: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "KESTREL_STATE_DIR": state,
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "",  # an installed program has its byte code
            "PYTHONPYCACHEPREFIX": f"{state}/bytecode",
        }
        nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
        began = time.perf_counter()
        child = os.posix_spawn(command[0], command, environment, file_actions=nowhere)
        _, status, usage = os.wait4(child, 0)
        self.seconds = time.perf_counter() - began
        self.kilobytes = usage.ru_maxrss
        if status:
            sys.exit(f"failed: {' '.join(command)}")


class Bench:
    """Runs commands in turn, so that a noisy moment of the machine hits all of them."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.state = str(folder / "state")
        self.rounds = rounds

    def flow(self, name: str, text: str) -> str:
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return str(path)

    def median(self, cases: dict[str, list[str]], rounds: int | None = None) -> dict[str, float]:
        times = self.times(cases, rounds)
        return {name: statistics.median(found) for name, found in times.items()}

    def times(self, cases: dict[str, list[str]], rounds: int | None) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {name: [] for name in cases}
        for command in cases.values():
            Child(command, self.state)  # fills the caches of byte code and files
        for _ in range(rounds or self.rounds):
            for name, command in cases.items():
                times[name].append(Child(command, self.state).seconds)
        return times

    def start_up(self) -> None:
        flow = self.flow("one", ONE_TASK)
        python = [sys.executable, "-c"]
        found = self.median(
            {
                "pass": [*python, "pass"],
                "imports": [*python, "import typer, rich, ruamel.yaml, jinja2, pydantic"],
                "run": [*KESTREL, "run", flow],
                "version": [*KESTREL, "--version"],
                "help": [*KESTREL, "--help"],
            }
        )
        milliseconds = {name: f"{seconds * 1000:.0f} ms" for name, seconds in found.items()}
        print(
            f"start-up (python -c pass {milliseconds['pass']}, "
            f"the five libraries {milliseconds['imports']})"
        )
        line(
            "kestrel run, one task",
            found["run"] / found["imports"],
            "x importing the five libraries",
            0.85,
        )
        line(
            "kestrel --help",
            found["help"] / found["imports"],
            "x importing the five libraries",
            0.6,
        )
        line("kestrel --version", found["version"] / found["pass"], "x python -c pass", 2.5)

    def cost(self, counts: list[int]) -> None:
        base = self.median({"run": self.command(self.flow("none", LOOP.replace("COUNT", "1")))})[
            "run"
        ]
        floors = {count: self.floor(count) for count in counts}
        print(
            "cost per task run, journal and JSON included "
            f"(bare loop {floors[counts[-1]] * 1e6:.1f} us)"
        )
        for count in counts:
            self.per_run(
                f"ForEach of {count:,}",
                LOOP.replace("COUNT", str(count)),
                count,
                base,
                floors[count],
            )
        nearest = floors[min(counts, key=lambda count: abs(count - 10_000))]
        self.per_run("ForEach 100 x 100", NESTED, 10_100, base, nearest)
        self.depth(2_000, nearest)
        small, large = counts[0], counts[-1]
        low, high = (self.peak(count) for count in (small, large))
        line("peak memory per task run", (high - low) / (large - small), "kB", 2.5)

    def scripts(self) -> None:
        """What a script costs, less the reading of the file, which is a YAML library's time."""
        python = [sys.executable, "-c"]
        print("scripts, journal included, against the same programs started without Kestrel")
        one = self.scripts_less(200, "shell.Commands", {
            "one": [*python, BARE.format(1)], "all": [*python, BARE.format(200)]
        })  # fmt: skip
        line(
            "shell.Commands: true",
            (one[0] - one[1]) * 1000,
            f"ms above subprocess.run ({one[1] * 1000:.2f} ms; {one[0] / one[1]:.1f} x)",
            1.0,
        )
        loop = "for i in $(seq {}); do python3 -c pass; done"
        found = self.scripts_less(30, "python.Script", {
            "one": ["/bin/sh", "-c", loop.format(1)], "all": ["/bin/sh", "-c", loop.format(30)]
        })  # fmt: skip
        line("python.Script: pass", found[0] / found[1], "x python3 -c pass", 2.0)
        for what in ("true", "sleep 0.1"):
            started = f"seq {{}} | xargs -I % -P 32 /bin/sh -c '{what}'"
            found = self.scripts_less(100, "shell.Commands", {
                "one": ["/bin/sh", "-c", started.format(1)],
                "all": ["/bin/sh", "-c", started.format(100)],
            }, parallel=True, what=what)  # fmt: skip
            line(f"100 x {what} in a Parallel", found[0] / found[1], "x xargs -P 32", 1.3)

    def scripts_less(
        self,
        count: int,
        kind: str,
        bare: dict[str, list[str]],
        *,
        parallel: bool = False,
        what: str = "true",
    ) -> tuple[float, float]:
        """Seconds for each script, and for each of the bare programs."""
        flows = {
            name: self.flow(f"{kind}-{name}", scripts(number, kind, what, parallel=parallel))
            for name, number in (("one", 1), ("all", count))
        }
        times = self.times(
            {
                **{f"run {name}": self.command(flow) for name, flow in flows.items()},
                **{f"read {name}": [*KESTREL, "validate", flow] for name, flow in flows.items()},
                **{f"bare {name}": command for name, command in bare.items()},
            },
            max(self.rounds // 2, 5),
        )
        # Two processes take turns here: on a busy machine the best round tells most.
        found = {name: min(seconds) for name, seconds in times.items()}
        kestrel, read, ground = (found[f"{what} all"] - found[f"{what} one"]
                                 for what in ("run", "read", "bare"))  # fmt: skip
        return (kestrel - read) / (count - 1), ground / (count - 1)

    def depth(self, levels: int, floor: float) -> None:
        """A deep flow, less the reading of its file, which is a YAML library's time."""
        flow = self.flow("deep", deep(levels))
        more = "--max-depth=9000"
        found = self.median(
            {"run": self.command(flow, more), "read": [*KESTREL, "validate", flow, more]}, 3
        )
        seconds = (found["run"] - found["read"]) / (levels + 1)
        line(
            f"{levels:,} levels deep",
            seconds / floor,
            f"x the bare loop ({seconds * 1e6:.1f} us)",
            4,
        )

    def command(self, flow: str, *more: str) -> list[str]:
        return [*KESTREL, "run", flow, "-o", "json", "-qq", *more]

    def per_run(
        self, name: str, text: str, runs: int, base: float, floor: float, *more: str
    ) -> None:
        command = self.command(self.flow("cost", text), *more)
        rounds = 1 if runs >= 100_000 else 3
        seconds = self.median({"run": command}, rounds)["run"] - base
        line(name, seconds / runs / floor, f"x the bare loop ({seconds / runs * 1e6:.1f} us)", 4)

    def floor(self, count: int) -> float:
        """Seconds per iteration of the bare loop."""
        program = str(HERE / "bare_loop.py")
        cases = {
            "none": [sys.executable, program, "1"],
            "all": [sys.executable, program, str(count)],
        }
        found = self.median(cases, 3)
        return (found["all"] - found["none"]) / count

    def peak(self, count: int) -> int:
        return Child(
            self.command(self.flow("peak", LOOP.replace("COUNT", str(count)))), self.state
        ).kilobytes


def line(name: str, ratio: float, unit: str, bar: float) -> None:
    """One result."""
    print(f"  {name:<26} {ratio:6.2f} {unit}  (bar: {bar})", flush=True)


def main() -> None:
    """Print all ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--only", choices=["start-up", "scripts", "cost"])
    asked = options.parse_args()
    quick = asked.quick
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), rounds=5 if quick else 15)
        steps: dict[str, Callable[[], None]] = {
            "start-up": bench.start_up,
            "scripts": bench.scripts,
            "cost": lambda: bench.cost([1_000, 10_000] if quick else [1_000, 10_000, 100_000]),
        }
        for name, step in steps.items():
            if asked.only in (None, name):
                step()


if __name__ == "__main__":
    main()
