"""dev.py: prepares the environment once, again when pyproject.toml changes, and never twice for nothing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


class Installs:
    """Records what would have been installed."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], str | None]] = []

    def __call__(self, extras: Sequence[str], wheels: str | None) -> None:
        self.calls.append((list(extras), wheels))


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py on a repository of its own."""
    spec = importlib.util.spec_from_file_location("dev_under_test", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")

    def make() -> None:
        (tmp_path / ".venv").mkdir(exist_ok=True)
        (tmp_path / ".venv" / "pyvenv.cfg").touch()

    monkeypatch.setattr(module, "create_environment", make)
    return module


@pytest.fixture
def installs(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Installs:
    recorder = Installs()
    monkeypatch.setattr(dev, "install", recorder)
    return recorder


def test_a_second_run_installs_nothing(dev: ModuleType, installs: Installs) -> None:
    dev.prepare("", None)
    dev.prepare("", None)
    assert installs.calls == [([], None)]


def test_more_is_installed_when_more_is_needed_and_less_never_removes(dev: ModuleType, installs: Installs) -> None:
    for extra in ("", "test", "", "test", "dev", "test"):
        dev.prepare(extra, None)
    assert [extras for extras, _ in installs.calls] == [[], ["test"], ["dev", "test"]]


def test_a_changed_project_is_installed_again(dev: ModuleType, installs: Installs) -> None:
    dev.prepare("test", None)
    (dev.ROOT / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    dev.prepare("", "wheels")
    assert installs.calls == [(["test"], None), ([], "wheels")]


def test_a_failed_installation_is_tried_again(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(extras: Sequence[str], wheels: str | None) -> None:
        raise subprocess.CalledProcessError(1, ["pip"])

    monkeypatch.setattr(dev, "install", fail)
    assert dev.main(["test"]) == 1
    recorder = Installs()
    monkeypatch.setattr(dev, "install", recorder)
    dev.prepare("test", None)
    assert recorder.calls == [(["test"], None)]


def test_installing_without_network_names_the_folder(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(dev.subprocess, "run", lambda command, **_: commands.append(command))
    dev.install(["test"], "wheels")
    assert "--no-index" in commands[0]
    assert str(Path("wheels").resolve()) in commands[0]
    assert commands[0][-1] == ".[test]"


def test_help_needs_no_environment() -> None:
    run = subprocess.run(
        [sys.executable, "-I", str(ROOT / "dev.py"), "--help"], capture_output=True, text=True, check=True
    )
    assert "python3 dev.py run" in run.stdout


def test_unknown_words_are_refused(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        dev.main(["run", "--prot", "80"])
    assert caught.value.code == 2
    assert "--prot" in capsys.readouterr().err
