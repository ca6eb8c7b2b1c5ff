"""A bar for long work, on standard error and only for people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress_bar(label: str, *, shown: bool = True) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told (done, in all) and draws a bar; silent where no person looks at a terminal."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not (shown and sys.stderr.isatty())) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield tell
