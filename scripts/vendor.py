"""Copy the front-end libraries into ``egovframe/core/web/static/vendor`` with licences and a manifest of digests.

For maintainers, with Node 20 or newer: ``python3 scripts/vendor.py``. Installing and running egovframe needs no Node.
``python3 scripts/vendor.py --check`` compares the files with the manifest and needs no Node either.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "egovframe" / "core" / "web" / "static" / "vendor"
MANIFEST = VENDOR / "MANIFEST.json"
PACKAGES = {
    "@digdir/designsystemet": "1.15.0",
    "@digdir/designsystemet-css": "1.22.0",
    "leaflet": "1.9.4",
    "swagger-ui-dist": "5.35.0",
    "lucide-static": "1.62.0",
}
THEME = {
    "outDir": "design-tokens",
    "themes": {
        "egovframe": {
            "colors": {
                "main": {"accent": "#0B5CAD"},
                "support": {"brand1": "#0E8A6B"},
                "neutral": "#1F2A37",
            },
            "typography": {"fontFamily": "system-ui"},
            "borderRadius": 6,
        }
    },
}
COMPONENTS = ("button", "label", "field", "input", "fieldset", "validation-message")
"""What the macros use of Designsystemet; the whole library would be 21 KB compressed."""
ICONS = """
activity archive arrow-left arrow-right badge-question-mark bell book-open building-2 calendar camera
car car-front chart-column check check-check chevron-down chevron-right circle circle-alert circle-check
circle-help circle-user clipboard-list clock construction database dog download droplets external-link
eye file-text filter flag folder footprints globe hash heart-handshake house
id-card inbox info key-round languages layers lightbulb link list lock
log-in log-out mail map map-pin megaphone menu message-circle message-square package-x
pause pencil phone plus printer qr-code refresh-cw route search send
settings shield shield-check signpost star thumbs-up toy-brick trash trash-2 trees
triangle-alert upload user user-check users utensils volume-2 vote waves wind
wrench x
""".split()  # noqa: SIM905 - a list of words is read and merged more easily


def main() -> int:
    """Copy, or check what was copied."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the files with the manifest and change nothing")
    if parser.parse_args().check:
        return check()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        install(work)
        fresh = work / "vendor"
        designsystemet(work, fresh / "designsystemet")
        leaflet(work / "node_modules/leaflet", fresh / "leaflet")
        swagger(work / "node_modules/swagger-ui-dist", fresh / "swagger-ui")
        lucide(work / "node_modules/lucide-static", fresh / "lucide")
        # Only when everything is there, and in a moment: somebody may be running the portal from this folder.
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(fresh, VENDOR)
    MANIFEST.write_text(json.dumps({"packages": PACKAGES, "files": digests()}, indent=1) + "\n", encoding="utf-8")
    return 0


def check() -> int:
    """Return 0 when every file is as the manifest says."""
    wanted, found = json.loads(MANIFEST.read_text(encoding="utf-8"))["files"], digests()
    wrong = sorted({name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)})
    for name in wrong:
        print(f"{name}: differs from the manifest", file=sys.stderr)
    return 1 if wrong else 0


def digests() -> dict[str, str]:
    """Return the SHA-256 of every vendored file by its path."""
    files = sorted(path for path in VENDOR.rglob("*") if path.is_file() and path != MANIFEST)
    return {path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def install(work: Path) -> None:
    """Fetch the packages into a scratch folder, without running their scripts."""
    run(work, "npm", "init", "-y")
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    run(work, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted)


def run(work: Path, *command: str) -> None:
    """Run a command in the scratch folder; its output is shown only when it fails."""
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")


def designsystemet(work: Path, target: Path) -> None:
    """Build our theme, and gather the components we use in their layers."""
    target.mkdir(parents=True)
    (work / "designsystemet.config.json").write_text(json.dumps(THEME), encoding="utf-8")
    run(work, "npx", "designsystemet", "tokens", "create")
    run(work, "npx", "designsystemet", "tokens", "build")
    theme = (work / "design-tokens-build/egovframe.css").read_text(encoding="utf-8")
    (target / "theme.css").write_text(minified(theme), encoding="utf-8")
    source = work / "node_modules/@digdir/designsystemet-css"
    layers = ["@layer ds.theme,ds.base,ds.components;"]
    layers.append("@layer ds.base{" + (source / "dist/src/base.css").read_text(encoding="utf-8") + "}")
    parts = "".join((source / f"dist/src/{name}.css").read_text(encoding="utf-8") for name in COMPONENTS)
    layers.append("@layer ds.components{" + parts + "}")
    (target / "components.css").write_text(minified("".join(layers)), encoding="utf-8")
    shutil.copyfile(source / "LICENSE", target / "LICENSE.txt")


def leaflet(source: Path, target: Path) -> None:
    """Copy Leaflet; our maps use no picture of it, so its rules that load some go."""
    target.mkdir(parents=True)
    script = (source / "dist/leaflet.js").read_text(encoding="utf-8")
    (target / "leaflet.js").write_text(re.sub(r"\n?//# sourceMappingURL=.*", "", script), encoding="utf-8")
    style = (source / "dist/leaflet.css").read_text(encoding="utf-8")
    style = re.sub(r"[^}]*\{[^}]*url\(images/[^}]*\}", "", style)
    (target / "leaflet.css").write_text(minified(style), encoding="utf-8")
    shutil.copyfile(source / "LICENSE", target / "LICENSE.txt")


def swagger(source: Path, target: Path) -> None:
    """Copy Swagger UI without its source maps and its example page."""
    target.mkdir(parents=True)
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        text = (source / name).read_text(encoding="utf-8")
        text = re.sub(r"\n?(//#|/\*#) sourceMappingURL=[^\n]*", "", text)
        (target / name).write_text(text, encoding="utf-8")
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(source / name, target / f"{name}.txt")
    shutil.copyfile(source / "swagger-ui-bundle.js.LICENSE.txt", target / "THIRD-PARTY.txt")


def lucide(source: Path, target: Path) -> None:
    """Gather the icons we use in one sprite; ``.icon`` in portal.css gives stroke and size."""
    target.mkdir(parents=True)
    symbols = []
    for name in ICONS:
        text = (source / f"icons/{name}.svg").read_text(encoding="utf-8")
        inner = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
        inner = re.sub(r"\s+/>", "/>", re.sub(r">\s+<", "><", inner.strip()))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'
    (target / "icons.svg").write_text(sprite, encoding="utf-8")
    shutil.copyfile(source / "LICENSE", target / "LICENSE.txt")


def minified(css: str) -> str:
    """Return the style sheet without comments and needless space; strings and ``calc()`` stay as they are."""
    css = re.sub(r'@charset "UTF-8";', "", re.sub(r"/\*.*?\*/", "", css, flags=re.S))
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,])\s*", r"\1", css)
    return re.sub(r";\}", "}", re.sub(r"([a-z0-9_-]): ", r"\1:", css)).strip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
