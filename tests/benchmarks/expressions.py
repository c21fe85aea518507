"""How fast cached templates render, as ratios against Jinja2's own `Template.render` of the
equivalent, measured in the same run.

    python tests/benchmarks/expressions.py            every case, about half a minute
    python tests/benchmarks/expressions.py --quick    fewer repetitions

A ratio below 1.0 means that Kestrel is faster. Both sides take turns, so that a machine that is
slow for a while is slow for both; of all turns the best counts. No test looks at the figures.
"""

import argparse
import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import jinja2

from kestrel_cli.expressions.environment import compile_root
from kestrel_cli.expressions.template import MapScope, render_text

CONTEXT: dict[str, Any] = {
    "inputs": {"name": "Ada", "count": 7, "list": ["a", "b"], "x": 20, "y": 2},
    "execution": {"id": "4f1", "startDate": "2024-03-05T14:07:09Z"},
    "flow": {"id": "hello", "namespace": "company.team"},
    "trigger": {"other": 1},
    "outputs": {"make": {"value": "text", "files": {"a.txt": "kestra:///a.txt"}}},
    "numbers": list(range(100)),
    "maps": [{"name": f"n{n}", "size": n} for n in range(100)],
}
# name: (the dialect, the same for Jinja2)
CASES = {
    "{{ inputs.name }}": ("{{ inputs.name }}", "{{ inputs.name }}"),
    "text with two values": (
        "Hello {{ inputs.name }}, this is {{ flow.id }}!",
        "Hello {{ inputs.name }}, this is {{ flow.id }}!",
    ),
    "??, default": (
        "{{ trigger.date ?? execution.id }}",
        "{{ trigger.date | default(execution.id) }}",
    ),
    "subscript and filter": (
        "{{ outputs.make['files']['a.txt'] | upper }}",
        "{{ outputs.make['files']['a.txt'] | upper }}",
    ),
    "?:, ??, and, contains, >": (
        "{{ (inputs.none ?? 1) > 0 and inputs.list contains 'a' ? 'yes' : 'no' }}",
        "{{ 'yes' if (inputs.none | default(1)) > 0 and 'a' in inputs.list else 'no' }}",
    ),
    "x * 2 + y": ("{{ inputs.x * 2 + inputs.y }}", "{{ inputs.x * 2 + inputs.y }}"),
    "map literal to JSON": (
        "{{ {'list': inputs.list, 'name': inputs.name} | toJson }}",
        "{{ {'list': inputs.list, 'name': inputs.name} | tojson }}",
    ),
    "if, elseif": (
        "{% if inputs.count == 1 %}one{% elseif inputs.count > 5 %}many{% else %}few{% endif %}",
        "{% if inputs.count == 1 %}one{% elif inputs.count > 5 %}many{% else %}few{% endif %}",
    ),
    "for over 100, loop.index": (
        "{% for n in numbers %}{{ loop.index }}: {{ n }}\n{% endfor %}",
        "{% for n in numbers %}{{ loop.index0 }}: {{ n }}\n{% endfor %}",
    ),
    "for over 100 maps": (
        "{% for one in maps %}{{ one.name }}: {{ one.size }}\n{% endfor %}",
        "{% for one in maps %}{{ one.name }}: {{ one.size }}\n{% endfor %}",
    ),
    "for over 100 numbers": (
        "{% for n in numbers %}{{ n }}, {% endfor %}",
        "{% for n in numbers %}{{ n }}, {% endfor %}",
    ),
}


def best(functions: list[Callable[[], object]], rounds: int, seconds: float) -> list[float]:
    """The seconds of one call of each function: the best of `rounds` turns."""
    timers = [timeit.Timer(function) for function in functions]
    counts = []
    for timer in timers:
        count, took = timer.autorange()
        counts.append(max(1, round(count * seconds / took)))
    turns = [
        [timer.timeit(count) / count for timer, count in zip(timers, counts, strict=True)]
        for _ in range(rounds)
    ]
    return [min(times) for times in zip(*turns, strict=True)]


def main() -> None:
    """Print the ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    quick = options.parse_args().quick
    rounds, seconds = (3, 0.02) if quick else (5, 0.1)
    head = f"{'ours':>9}{'Jinja2':>9}{'ratio':>7}"
    print(f"{'render':<28}{head}   compile:{head}")
    for name, (ours, theirs) in CASES.items():
        print(row(name, ours, theirs, rounds, seconds), flush=True)


def row(name: str, ours: str, theirs: str, rounds: int, seconds: float) -> str:
    """Microseconds of a rendering and of a compilation, ours and Jinja2's."""
    scope = MapScope(CONTEXT)
    # Kestra keeps the last line break and puts no limit on what is undefined; Jinja2 as it comes.
    environment = jinja2.Environment(autoescape=False, cache_size=0)
    template = environment.from_string(theirs)
    mine, other = render_text(ours, scope), template.render(CONTEXT)
    if mine.replace('":', '": ').replace(",", ", ").split() != other.replace(",", ", ").split():
        raise SystemExit(f"{name}: {mine!r} is not {other!r}")
    times = best(
        [lambda: render_text(ours, scope), lambda: template.render(CONTEXT)], rounds, seconds
    )
    compiled = best(
        [lambda: compile_root(ours, 1), lambda: environment.from_string(theirs)], rounds, seconds
    )
    parts = [f"{name:<28}"]
    for a, b in (times, compiled):
        parts.append(f"{a * 1e6:>8.2f}µ{b * 1e6:>8.2f}µ{a / b:>7.2f}")
    return f"{parts[0]}{parts[1]}           {parts[2]}"


if __name__ == "__main__":
    main()
