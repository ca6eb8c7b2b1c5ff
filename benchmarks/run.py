"""Run benchmarks one after the other, each in a process of its own, and fail when a target is missed.

python3 dev.py bench                      all of them
python3 dev.py bench cold_start memory    some of them
python3 dev.py bench -- lifecycle --database postgresql://…
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NOT_BENCHMARKS = {"run", "figures", "city", "bare", "__init__"}


def main(words: list[str]) -> int:
    """Run the named benchmarks (all by default); words that begin with a dash and what follows go to each."""
    cut = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    known = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    unknown = sorted(set(words[:cut]) - set(known))
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}: use one of {', '.join(known)}", file=sys.stderr)
        return 2
    failed = [name for name in words[:cut] or known if run(name, words[cut:]) != 0]
    print(f"\nMissed or broken: {', '.join(failed)}" if failed else "\nEvery target is met.")
    return 1 if failed else 0


def run(name: str, options: list[str]) -> int:
    """Run one benchmark."""
    print(f"\n== {name}", flush=True)
    environ = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    return subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *options], env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if word != "--"]))
