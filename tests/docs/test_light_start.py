"""A web process loads heavy libraries only when they are first needed."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ["alembic", "shapely", "numpy", "PIL", "duckdb", "rdflib", "xlsxwriter", "segno", "psycopg", "pytest"]


def test_importing_the_application_loads_no_heavy_library() -> None:
    program = f"import sys, json, egovframe.app; print(json.dumps([n for n in {HEAVY!r} if n in sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(run.stdout) == []
