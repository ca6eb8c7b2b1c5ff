"""Memory of an idle web process after it has answered pages and API, beside bare Flask and SQLAlchemy.

Target: 160 MB resident. Run: ``python3 dev.py bench memory``
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.city import Environ, demo_city, first_answer, free_port, options, process
from benchmarks.figures import Figure, report

TARGET_MB = 160
PATHS = [
    "/en/",
    "/ko/",
    "/ar/",
    "/en/complaints",
    "/en/account/sign-in",
    "/api/v1/openapi.json",
    "/status",
    "/metrics",
]


def megabytes(command: Sequence[str], paths: Sequence[str], environ: Environ) -> float:
    """Return the resident memory of a program after it has answered the paths."""
    port = free_port()
    with process([word.replace("PORT", str(port)) for word in command], environ) as running:
        for path in paths:
            first_answer(f"http://127.0.0.1:{port}{path}", running)
        lines = Path(f"/proc/{running.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> int:
    """Measure the web process with its worker inside, without it, and the peer."""
    with demo_city(options(__doc__).database) as environ:
        serve = ["-m", "egovframe", "serve", "--port", "PORT"]
        web = megabytes([*serve, "--no-worker"], PATHS, environ)
        both = megabytes(serve, PATHS, environ)
        bare = megabytes(["benchmarks/bare.py", "PORT"], ["/page", "/api"], environ)
    peer = f"bare {bare:.0f} MB"
    return report(
        [
            Figure("idle web process", web, "MB", TARGET_MB, peer=peer),
            Figure("idle web process with its worker inside", both, "MB", TARGET_MB, peer=peer),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
