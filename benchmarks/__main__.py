"""`make bench`: each benchmark in a process of its own, a line with its ratio and its goal.

`make bench ARGS="esl transfer"` runs those alone. A benchmark whose peer is missing says so.
"""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
EVERY_S = 5.0
BENCHMARKS = {
    "esl": ["esl.py"],
    "transfer": ["transfer.py"],
    "reserve": ["reserve.py"],
    "cancel": ["cancel.py"],
    "push": ["push.py"],
    "ivr-cpu": ["ivr.py", "ivr-cpu"],
    "ivr-gap": ["ivr.py", "ivr-gap"],
    "ivr-rate": ["ivr.py", "ivr-rate"],
    "pop": ["pop.py"],
    "eod": ["eod.py"],
    "kb-misses": ["kb.py", "kb-misses"],
    "kb-latency": ["kb.py", "kb-latency"],
    "kb-import": ["kb_import.py"],
}


def main(names: list[str]) -> int:
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"There is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}.")
        return 2
    failed = []
    for script, wanted in scripts(names or list(BENCHMARKS)):
        began = time.monotonic()
        print(f"… {', '.join(wanted) or script}", file=sys.stderr, flush=True)
        if _run([sys.executable, str(HERE / script), *wanted]):
            failed.append(script)
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return bool(failed)


def _run(command: list[str]) -> int:
    """Its exit code; meanwhile a dot every few seconds, which costs nothing that is measured."""
    with subprocess.Popen(command) as running:
        while True:
            try:
                return running.wait(timeout=EVERY_S)
            except subprocess.TimeoutExpired:
                print(".", end="", file=sys.stderr, flush=True)


def scripts(names: list[str]) -> list[tuple[str, list[str]]]:
    """Each script once, with what it is asked for: cpu and gap come from the same calls."""
    asked: dict[str, list[str]] = {}
    for name in names:
        script, *wanted = BENCHMARKS[name]
        asked.setdefault(script, []).extend(wanted)
    return list(asked.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
