"""Flows that are given something from outside: secrets, secret inputs, answers to a Pause.

`GIVEN_TO` holds the options for each: it is run, and gone on with, with these.
"""

from typing import Final

from tests.reliability.scene_tasks import CORE, give, log, tell, touch

TOKEN: Final = "tok-9Fz.Quarzuhr"
PASSWORD: Final = "pw-Nebel.77-Horn"
ANSWER: Final = "ans-Klee.31-Blatt"
PLAIN: Final = (TOKEN, PASSWORD, ANSWER)
_SECRETS: Final = ("--secrets-file", "secrets.env")

# Each way a value may take, and what comes out at its end.
SECRETS = f"""
inputs:
  - {{id: password, type: SECRET}}
variables:
  greeting: "hi-{{{{ secret('TOKEN') }}}}"
tasks:
  - {give("header", "Bearer-{{ secret('TOKEN') }}")}
  - {tell("received", "{{ outputs.header.value }}")}
  - {give("made", "{{ inputs.password | upper }}-{{ secret('TOKEN') | sha256 | slice(0, 9) }}")}
  - {{id: labels, type: {CORE}.execution.Labels, labels: {{who: "{{{{ secret('TOKEN') }}}}"}}}}
  - id: set
    type: {CORE}.execution.SetVariables
    variables: {{v: "{{{{ outputs.made.value }}}}"}}
  - {tell("said", "{{ labels.who }}/{{ vars.v }}/{{ render(vars.greeting) }}")}
  - id: each
    type: {CORE}.flow.ForEach
    values: ["{{{{ secret('TOKEN') | base64encode }}}}", plain]
    tasks:
      - {tell("value", "{{ taskrun.value }}")}
  - id: if
    type: {CORE}.flow.If
    condition: "{{{{ outputs.header.value == 'Bearer-' ~ secret('TOKEN') }}}}"
    then: [{touch("same")}]
    else: [{touch("other")}]
  - {{id: message, type: {CORE}.log.Log, message: "token {{{{ secret('TOKEN') }}}}"}}
outputs:
  - {{id: all, type: STRING, value: "{{{{ outputs.made.value }}}}"}}
"""
_TOLD_BY_SCRIPT: Final = (
    r"""echo '::{\"outputs\":{\"x\":\"{{ inputs.password }}\"}}::' """  # in a text of YAML
)
HANDED_ON = f"""
inputs:
  - {{id: password, type: SECRET}}
tasks:
  - {
    tell(
        "script",
        "{{ inputs.password }}",
        _TOLD_BY_SCRIPT,
    )
}
  - id: loop
    type: {CORE}.flow.Loop
    values: ["{{{{ inputs.password }}}}", "{{{{ outputs.script.vars.x ~ '!' }}}}"]
    outputs:
      - {{id: got, type: STRING, value: "{{{{ item.value }}}}"}}
    tasks:
      - {tell("item", "{{ item.value }}")}
  - id: call
    type: {CORE}.flow.Subflow
    namespace: company.team
    flowId: told
    labels: {{from: "{{{{ secret('TOKEN') }}}}"}}
    inputs: {{word: "{{{{ outputs.script.vars.x }}}}", hidden: "{{{{ secret('TOKEN') ~ 'x' }}}}"}}
  - {tell("after", "{{ outputs.call.outputs.said }}/{{ outputs.loop.outputs[1].outputs.got }}")}
"""
TOLD: Final = f"""
id: told
namespace: company.team
inputs:
  - {{id: word, type: STRING}}
  - {{id: hidden, type: SECRET}}
tasks:
  - {tell("inner", "{{ inputs.word }}/{{ inputs.hidden }}/{{ labels.from }}")}
  - {give("said", "{{ inputs.hidden }}")}
outputs:
  - {{id: said, type: STRING, value: "{{{{ outputs.said.value }}}}"}}
"""
ANSWERS = f"""
tasks:
  - {touch("before")}
  - id: ask
    type: {CORE}.flow.Pause
    onPause: {touch("meanwhile")}
    onResume:
      - {{id: word, type: STRING}}
      - {{id: code, type: SECRET}}
  - {tell("received", "{{ outputs.ask.onResume.word }}/{{ outputs.ask.onResume.code }}")}
  - id: together
    type: {CORE}.flow.Parallel
    tasks:
      - {{id: other, type: {CORE}.flow.Pause, tasks: [{touch("inside")}]}}
      - {touch("beside")}
  - {log("last")}
"""
SCRIPTS = f"""
tasks:
  - id: together
    type: {CORE}.flow.Parallel
    concurrent: 3
    tasks:
      - {tell("a", "{{ secret('TOKEN') }}", "sleep 0.02")}
      - {touch("b", "sleep 0.01", "retry: {type: constant, interval: PT0.01S, maxAttempts: 2}, ")}
      - id: shared
        type: {CORE}.flow.WorkingDirectory
        inputFiles: {{in.txt: "{{{{ secret('TOKEN') }}}}"}}
        tasks:
          - {touch("writes", "cat in.txt in.txt > out.txt")}
          - {touch("reads", "grep -q -F {{ secret('TOKEN') }}{{ secret('TOKEN') }} out.txt")}
      - id: seq
        type: {CORE}.flow.Sequential
        tasks:
          - {log("c", "{{ secret('TOKEN') }}")}
          - {touch("d")}
  - {give("last", "{{ outputs.a.exitCode }}")}
"""
FILES: Final = {"secrets.env": f"TOKEN={TOKEN}\n", "told.yaml": TOLD}
GIVEN: Final = {
    "secrets": SECRETS,
    "handed_on": HANDED_ON,
    "answers": ANSWERS,
    "scripts": SCRIPTS,
}
_PASSWORD: Final = ("-i", f"password={PASSWORD}")
_ANSWERED: Final = ("--resume", f"ask={{word: hello, code: {ANSWER}}}", "--resume", "other={}")
GIVEN_TO: Final[dict[str, tuple[str, ...]]] = {
    "secrets": (*_SECRETS, *_PASSWORD),
    "handed_on": (*_SECRETS, *_PASSWORD),
    "answers": _ANSWERED,
    "scripts": _SECRETS,
}
# What a command needs as well when the answer was taken down already.
ONCE_MORE: Final = {"answers": ("-i", f"code={ANSWER}")}
