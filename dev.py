"""One door for whoever works on egovframe. Needs Python 3.11 or newer and its venv module, nothing else.

    python3 dev.py run                    the demo city on http://localhost:8000
    python3 dev.py test [pytest words]    the whole suite on SQLite and PostgreSQL (-n 0: in one process)
    python3 dev.py check                  format, lint, types, import contracts, documentation equal to the code
    python3 dev.py bench [names]          measurements beside their targets
    python3 dev.py migration NAME WORDS   a new schema revision from the models (NAME: core or a plugin)

    python3 dev.py wheels FOLDER          fetch all that an installation without network needs

``--offline WHEELS`` (or EGOVFRAME_WHEELS) installs from such a folder.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
NEEDS = {"run": "", "test": "test", "check": "dev", "bench": "dev", "migration": "dev", "wheels": None}
CHECKS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "import contracts": ["lint-imports"],
    "documentation": ["python", "scripts/reference.py", "--check"],
}


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line, prepare the environment, and do what was asked."""
    options, rest = parser().parse_known_args(words)
    if rest and options.command not in {"test", "bench"}:
        parser().error(f"unknown words: {' '.join(rest)}")
    try:
        extra = NEEDS[options.command]
        if extra is not None:
            prepare(extra, options.offline)
        return COMMANDS[options.command](options, rest)
    except subprocess.CalledProcessError as error:
        print(f"\nThis command failed ({error.returncode}): {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="dev.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--offline", metavar="WHEELS", default=os.environ.get("EGOVFRAME_WHEELS"))
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", parents=[shared], help="serve the demo city")
    run.add_argument("--port", type=int, default=8000)
    run.add_argument("--data", type=Path, default=ROOT / "demo")
    run.add_argument("--host", default="127.0.0.1")
    commands.add_parser("test", parents=[shared], help="run the tests; further words go to pytest")
    commands.add_parser("check", parents=[shared], help="format, lint, types, contracts, documentation")
    commands.add_parser("bench", parents=[shared], help="measure; further words go to benchmarks/run.py")
    migration = commands.add_parser("migration", parents=[shared], help="write a schema revision from the models")
    migration.add_argument("source", help="core, or a plugin's name")
    migration.add_argument("message", help="what changes, in a few words")
    wheels = commands.add_parser("wheels", parents=[shared], help="fetch what an installation without network needs")
    wheels.add_argument("folder", type=Path)
    return top


def run_city(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """Create the demo city if it is new, and serve it."""
    port, data = str(options.port), str(options.data.resolve())
    return hand_over("egovframe", "demo", "--data", data, "--port", port, "--host", options.host)


def run_tests(_options: argparse.Namespace, rest: Sequence[str]) -> int:
    """Run pytest, in several processes unless the words say how many or one has to look on."""
    alone = any(
        word.startswith(("-n", "--numprocesses", "--pdb", "-s", "--dist")) or "no:xdist" in word for word in rest
    )
    # One more than cores: half of a test's time goes by in the browser, in PostgreSQL, or in waiting for a clock.
    return hand_over("python", "-m", "pytest", *([] if alone else ["-n", str((os.cpu_count() or 1) + 1)]), *rest)


def run_checks(_options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """Run every check, even after one has failed, and say which did."""
    failed = [name for name, command in CHECKS.items() if check(name, command) != 0]
    print(f"\nNot in order: {', '.join(failed)}" if failed else "\nEverything is in order.")
    return 1 if failed else 0


def check(name: str, command: Sequence[str]) -> int:
    """Run one check under its name."""
    print(f"== {name}", flush=True)
    return call(*command)


def run_benchmarks(_options: argparse.Namespace, rest: Sequence[str]) -> int:
    """Measure."""
    return call("python", "benchmarks/run.py", *rest)


def write_migration(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """Write a schema revision."""
    return call("egovframe", "db", "revision", options.source, options.message)


def fetch_wheels(options: argparse.Namespace, _rest: Sequence[str]) -> int:
    """Fetch the wheels of the project, its tests, and what builds it, for this Python and system."""
    build = ["hatchling>=1.33", "editables"]
    target = ["--dest", str(options.folder.resolve())]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", *target, *build, ".[test]"], cwd=ROOT, check=True
    )
    for own in options.folder.glob("egovframe-*"):
        own.unlink()
    print(f"Now, without network: python3 dev.py run --offline {options.folder}")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace, Sequence[str]], int]] = {
    "run": run_city,
    "test": run_tests,
    "check": run_checks,
    "bench": run_benchmarks,
    "migration": write_migration,
    "wheels": fetch_wheels,
}


def call(program: str, *words: str) -> int:
    """Run a program of the environment in the repository and return its exit code."""
    try:
        return subprocess.run([str(BIN / program), *words], cwd=ROOT, env=environment(), check=False).returncode
    except FileNotFoundError:
        print(f"{program} is not installed: remove {VENV} and start again.", file=sys.stderr)
        return 1


def hand_over(program: str, *words: str) -> int:
    """Become the program, so that signals reach it; on Windows, call it."""
    if os.name == "posix" and (BIN / program).exists():
        os.chdir(ROOT)
        sys.stdout.flush()
        os.execve(BIN / program, [str(BIN / program), *words], environment())
    return call(program, *words)


def environment() -> dict[str, str]:
    """Return the environment variables of a program of the environment."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    return {"PYTHONUNBUFFERED": "1", **os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV)}


def prepare(extra: str, wheels: str | None) -> None:
    """Make the environment once and again whenever pyproject.toml changes; otherwise cost nothing."""
    stamp = VENV / ".egovframe"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    installed = stamp.read_text(encoding="utf-8").split() if stamp.exists() else []
    have = installed[1:] if installed[:1] == [wanted] else []
    if have and (not extra or extra in have):
        return
    if not (VENV / "pyvenv.cfg").exists():
        print("Making .venv …", flush=True)
        create_environment()
    extras = sorted({extra, *have, *(["test"] if extra == "dev" else [])} - {"", "base"})
    print(f"Installing egovframe{' with ' + ', '.join(extras) if extras else ''} …", flush=True)
    install(extras, wheels)
    stamp.write_text(" ".join([wanted, "base", *extras]) + "\n", encoding="utf-8")


def create_environment() -> None:
    """Make .venv with this Python, with pip only where uv is missing."""
    try:
        venv.create(VENV, with_pip=shutil.which("uv") is None)
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SystemExit(f"The environment could not be made ({error}). On Debian: apt install python3-venv") from error


def install(extras: Sequence[str], wheels: str | None) -> None:
    """Install the project, editable, with uv if it is there, else with pip."""
    target = f".[{','.join(extras)}]" if extras else "."
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(BIN / "python")]
        offline = ["--offline", "--no-index", "--find-links"]
    else:
        command = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        offline = ["--no-index", "--find-links"]
    source = [*offline, str(Path(wheels).resolve())] if wheels else []
    subprocess.run([*command, *source, "--editable", target], cwd=ROOT, check=True)
    # What installers do for everything but editable projects: half of a start would be spent on compiling 500 files.
    compiling = ["-m", "compileall", "-q", "egovframe", "plugins"]
    subprocess.run([str(BIN / "python"), *compiling], cwd=ROOT, check=True)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - the reader may have started an older one
        sys.exit(f"egovframe needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    sys.exit(main())
