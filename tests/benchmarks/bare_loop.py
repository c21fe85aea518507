"""The floor: what a loop over N values costs in bare Python with the same template, a dict for each
run, and JSON.
"""

import json
import os
import sys
from datetime import UTC, datetime

from jinja2 import Environment

template = Environment().from_string("value {{ taskrun.value }}")
runs = []
for number in range(int(sys.argv[1])):
    began = datetime.now(UTC).isoformat()
    value = template.render(taskrun={"value": str(number)})
    ended = datetime.now(UTC).isoformat()
    runs.append(
        {
            "id": f"run-{number}",
            "taskId": "return",
            "value": str(number),
            "outputs": {"value": value},
            "state": {
                "current": "SUCCESS",
                "histories": [
                    {"state": "RUNNING", "date": began},
                    {"state": "SUCCESS", "date": ended},
                ],
            },
        }
    )
with open(os.devnull, "w") as nowhere:
    nowhere.write(json.dumps(runs, indent=2))
