"""Catalogues of the core and the bundled plugins, for maintainers.

python scripts/messages.py update                     all of them
python scripts/messages.py update --plugin NAME       one plugin
python scripts/messages.py update --language fr       begin a language
A city's own plugin: egovframe i18n update FOLDER.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from egovframe.core.i18n.tools import ExtractionError, Package, extract, update

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("ko", "ar")
"""Complete in every release, beside English, the source."""


def bundled() -> list[Package]:
    """Return the core and every bundled plugin; the core first, since plugins reuse its messages."""
    core = ROOT / "egovframe"
    folders = sorted(path for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").is_file())
    plugins = [Package(path.name, path, path / "translations") for path in folders]
    return [Package("core", core, core / "core" / "translations"), *plugins]


def main() -> int:
    """Update the catalogues that are asked for and print what changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["update"])
    parser.add_argument("--plugin", help="only this plugin ('core' for the core)")
    parser.add_argument("--language", action="append", default=[], help="also begin a catalogue for this language")
    wanted = parser.parse_args()
    packages = bundled()
    if wanted.plugin and wanted.plugin not in [package.name for package in packages]:
        parser.error(f"there is no plugin {wanted.plugin!r}: {', '.join(package.name for package in packages)}")
    try:
        known = extract(packages[0])
        for package in packages:
            if wanted.plugin in (None, package.name):
                messages = known if package.name == "core" else extract(package, known)
                changed = update(package, messages, [*LANGUAGES, *wanted.language])
                files = "".join(f"\n  {path.relative_to(ROOT)}" for path in changed)
                print(f"{package.name}: {len(messages)} messages{files or ', nothing changed'}")
    except ExtractionError as error:
        print(f"messages: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
