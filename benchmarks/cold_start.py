"""From starting the process to the first answer, with all plugins, beside bare Flask and SQLAlchemy.

The bytecode is there, as in every installation. Target: 2.5 s. Run: ``python3 dev.py bench cold_start``
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.city import demo_city, first_answer, free_port, options, process, processor_seconds
from benchmarks.figures import Figure, report

TARGET_S = 2.5
TIMES = 5


def seconds(command: Sequence[str], path: str, environ: dict[str, str]) -> tuple[float, float]:
    """Return the median seconds to the first answer: by the clock, and of CPU."""
    taken, worked = [], []
    for _ in range(TIMES):
        port = free_port()
        started = time.perf_counter()
        with process([word.replace("PORT", str(port)) for word in command], environ) as running:
            taken.append(first_answer(f"http://127.0.0.1:{port}{path}", running) - started)
            worked.append(processor_seconds(running.pid))
    return statistics.median(taken), statistics.median(worked)


def main() -> int:
    """Measure both in turn."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", "egovframe", "plugins", "benchmarks"], check=True)
    with demo_city(options(__doc__).database) as environ:
        ours, ours_cpu = seconds(["-m", "egovframe", "serve", "--port", "PORT"], "/en/", dict(environ))
        bare, bare_cpu = seconds(["benchmarks/bare.py", "PORT"], "/page", dict(environ))
    return report(
        [
            Figure("start to first page, all plugins (median of 5)", ours, "s", TARGET_S, peer=f"bare {bare:.2f} s"),
            Figure("the same, CPU only", ours_cpu, "s", peer=f"bare {bare_cpu:.2f} s"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
