"""Who serves a city's data folder: asked before the folder is thrown away under a running server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ModuleNotFoundError:  # Windows has no flock; it refuses to delete files that are open.
    fcntl = None

LOCK = "serve.lock"


@contextmanager
def serving(data_dir: Path) -> Iterator[None]:
    """Mark the folder as served while the block lasts; several servers may share it."""
    with (data_dir / LOCK).open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_SH)
        yield


def is_served(data_dir: Path) -> bool:
    """Whether a running server uses the folder."""
    place = data_dir / LOCK
    if fcntl is None or not place.exists():
        return False
    with place.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
