"""Until the first release: write the first revision of the core and of every bundled plugin anew from the models.

    python scripts/foundation.py

Once a version is released its revisions never change: then delete this file, and use ``dev.py migration``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from egovframe.core.persistence import Database, Keyring, Migrations
from egovframe.testing.schema import import_models, installed_sources

MESSAGE = "foundation"


def main() -> int:
    """Write every source's ``0001_foundation.py``."""
    import_models()
    for source in installed_sources():
        (source.versions / f"0001_{MESSAGE}.py").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in [source.name for source in installed_sources()]:
            write(name, Path(folder))
    return 0


def write(name: str, folder: Path) -> None:
    """Write one source's first revision, with those before it already run."""
    sources = installed_sources()
    if any(source.name == name and source.line for source in sources):
        raise SystemExit(f"{name} has later revisions: use python3 dev.py migration {name} MESSAGE")
    database = Database(f"sqlite:///{folder}/{name}.sqlite", Keyring(["only-for-a-scratch-database"]))
    migrations = Migrations(database, sources)
    migrations.upgrade()
    written = migrations.autogenerate(name, MESSAGE)
    database.dispose()
    if written is not None:
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(written)], check=True)
        print(written)


if __name__ == "__main__":
    sys.exit(main())
