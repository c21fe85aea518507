"""Flows that together hold every flowable, and tasks whose effects can be counted."""

from pathlib import Path
from typing import Final

from tests.reliability.scene_tasks import CORE, EFFECTS, give, log, touch
from tests.reliability.scenes_again import AGAIN
from tests.reliability.scenes_given import FILES, GIVEN

SEQUENCE = f"""
tasks:
  - {touch("first")}
  - {give("second", "{{ outputs.first.exitCode }}")}
  - id: box
    type: {CORE}.flow.Sequential
    tasks:
      - {log("third")}
      - {touch("fourth")}
outputs:
  - {{id: all, type: STRING, value: "{{{{ outputs.second.value }}}}"}}
"""
LOOP = f"""
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [x, y]
    tasks:
      - {touch("a")}
      - id: if
        type: {CORE}.flow.If
        condition: "{{{{ taskrun.value == 'x' }}}}"
        then:
          - {give("then", "{{ parent.taskrun.value }}")}
        else:
          - id: switch
            type: {CORE}.flow.Switch
            value: "{{{{ parents[0].taskrun.value }}}}"
            cases:
              "y": [{touch("case")}]
  - id: old
    type: {CORE}.flow.EachSequential
    value: '["p", "q"]'
    tasks:
      - {log("said", "{{ outputs.a.x.exitCode }}")}
"""
PARALLEL = f"""
tasks:
  - id: together
    type: {CORE}.flow.Parallel
    tasks:
      - {touch("a")}
      - {touch("b")}
      - id: seq
        type: {CORE}.flow.Sequential
        tasks:
          - {log("c")}
          - {touch("d")}
  - id: each
    type: {CORE}.flow.EachParallel
    value: '["p", "q"]'
    tasks:
      - {touch("e")}
  - {give("last", "{{ outputs.e.q.exitCode }}")}
"""
DAG = f"""
tasks:
  - id: dag
    type: {CORE}.flow.Dag
    tasks:
      - {{task: {touch("c")}, dependsOn: [a, b]}}
      - {{task: {touch("a")}}}
      - {{task: {touch("b")}, dependsOn: [a]}}
      - {{task: {log("d")}, dependsOn: [a]}}
"""
ENDINGS = f"""
tasks:
  - id: allowed
    type: {CORE}.flow.AllowFailure
    tasks:
      - {touch("bad", "exit 3")}
    errors:
      - {touch("local")}
  - id: box
    type: {CORE}.flow.Sequential
    tasks:
      - {touch("fails", "exit 4")}
      - {log("never")}
    errors:
      - {log("inner")}
    finally:
      - {touch("tidy")}
errors:
  - {touch("sorry")}
finally:
  - {log("at_last")}
afterExecution:
  - {touch("after")}
"""
RETRY = f"""
tasks:
  - {
    touch(
        "again",
        "exit {{ taskrun.attemptsCount == 0 ? 1 : 0 }}",
        "retry: {type: constant, interval: PT0.01S, maxAttempts: 4}, ",
    )
}
  - id: box
    type: {CORE}.flow.Sequential
    retry: {{type: constant, interval: PT0.01S, maxAttempts: 4}}
    tasks:
      - {touch("inherits", "exit {{ taskrun.attemptsCount == 0 ? 1 : 0 }}")}
    errors:
      - {log("meanwhile")}
"""
SUBFLOW = f"""
tasks:
  - {touch("before")}
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: child
    inputs: {{word: hello}}
  - id: side
    type: {CORE}.flow.Parallel
    tasks:
      - id: other
        type: {CORE}.flow.Subflow
        namespace: company.team
        flowId: child
        wait: false
        inputs: {{word: other}}
      - {touch("beside")}
  - {give("after", "{{ outputs.call.outputs.said }}")}
"""
CHILD = f"""
id: child
namespace: company.team
inputs:
  - {{id: word, type: STRING}}
tasks:
  - {touch("inner")}
  - {give("said", "{{ inputs.word }}")}
outputs:
  - {{id: said, type: STRING, value: "{{{{ outputs.said.value }}}}"}}
"""
ITEMS = f"""
tasks:
  - {{id: write, type: {CORE}.storage.Write, content: "p\\nq\\nr\\n", extension: .txt}}
  - id: each
    type: {CORE}.flow.ForEachItem
    items: "{{{{ outputs.write.uri }}}}"
    batch: {{rows: 2}}
    namespace: company.team
    flowId: child
    inputs: {{word: "{{{{ taskrun.iteration }}}}"}}
  - {give("count", "{{ outputs.each_items.numberOfBatches }}")}
"""
ITERATIONS = f"""
tasks:
  - id: outer
    type: {CORE}.flow.Loop
    values: [x, y]
    outputs:
      - {{id: word, type: STRING, value: "{{{{ outputs.word.value }}}}"}}
    tasks:
      - {give("word", "{{ item.value }}")}
      - id: nested
        type: {CORE}.flow.Loop
        values: [1, 2]
        concurrencyLimit: 2
        tasks:
          - {touch("in")}
  - {give("all", "{{ outputs.outer.outputs[1].outputs.word }}")}
"""
WAITS = f"""
tasks:
  - id: pause
    type: {CORE}.flow.Pause
    pauseDuration: PT0.03S
    onPause: {touch("meanwhile")}
    tasks:
      - {touch("resumed")}
  - id: until
    type: {CORE}.flow.LoopUntil
    condition: "{{{{ outputs.until.iterationCount >= 3 }}}}"
    checkFrequency: {{interval: PT0.01S}}
    tasks:
      - {give("pass", "{{ outputs.until.iterationCount }}")}
  - {log("last")}
"""
DIRECTORY = f"""
tasks:
  - id: shared
    type: {CORE}.flow.WorkingDirectory
    inputFiles: {{in.txt: "hello"}}
    outputFiles: ["*.txt"]
    tasks:
      - {touch("writes", "cat in.txt in.txt > out.txt")}
      - {log("between")}
      - {touch("reads", "grep -q hellohello out.txt")}
  - {log("last")}
"""
CHANGES = f"""
tasks:
  - {{id: labels, type: {CORE}.execution.Labels, labels: {{team: x}}}}
  - {{id: set, type: {CORE}.execution.SetVariables, variables: {{v: "1"}}}}
  - {touch("a")}
  - id: if
    type: {CORE}.flow.If
    condition: "{{{{ vars.v == '1' }}}}"
    then:
      - {{id: exit, type: {CORE}.execution.Exit, state: WARNING}}
  - {log("never")}
finally:
  - {log("never_too")}
afterExecution:
  - {touch("after", more="")}
"""
SCENES: Final = {
    "sequence": SEQUENCE,
    "loop": LOOP,
    "parallel": PARALLEL,
    "dag": DAG,
    "endings": ENDINGS,
    "retry": RETRY,
    "subflow": SUBFLOW,
    "items": ITEMS,
    "iterations": ITERATIONS,
    "waits": WAITS,
    "directory": DIRECTORY,
    "changes": CHANGES,
    **AGAIN,
    **GIVEN,
}


def write_scene(folder: Path, name: str) -> None:
    """The flow, those that it calls, and what it is given, as files in the folder."""
    texts = {
        "flow.yaml": f"id: {name}\nnamespace: company.team\n{SCENES[name]}",
        "child.yaml": CHILD,
        **FILES,
    }
    for file, text in texts.items():
        (folder / file).write_text(text.replace("@EFFECTS@", str(folder / EFFECTS)), "utf-8")
