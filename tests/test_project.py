"""The project as a whole: one list of dependencies, clean code, clean notebooks, a light tree."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"].values()
# An extra may name others of this project's own.
REQUIREMENTS = [r for r in map(Requirement, sum(EXTRAS, PROJECT["dependencies"])) if r.name != PROJECT["name"]]
CONSTRAINTS = {
    name.lower().replace("_", "-"): Version(version)
    for name, version in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
}
CHOSEN = (
    "jupyterlab",
    "papermill",
    "torch",
    "torchvision",
    "matplotlib",
    "seaborn",
    "grad-cam",
    "facenet-pytorch",
    "pandas",
)
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[!.]*.ipynb"))


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.name)
def test_every_dependency_has_a_version_that_it_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(CONSTRAINTS[requirement.name.lower()])


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.name)
def test_every_dependency_is_installed(requirement: Requirement) -> None:
    assert requirement.specifier.contains(importlib.metadata.version(requirement.name))


def test_conda_holds_python_and_pip_only() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, packages = environment["dependencies"]
    assert python.startswith("python>=3.11")
    assert pip == "pip"
    assert packages == {"pip": ["--constraint constraints.txt", "--editable .[dev]"]}


@pytest.mark.parametrize("name", CHOSEN)
def test_the_chosen_packages_are_dependencies(name: str) -> None:
    assert name in {requirement.name for requirement in REQUIREMENTS}


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_ruff(command: list[str]) -> None:
    result = subprocess.run(["ruff", *command, "."], cwd=ROOT, capture_output=True, text=True, check=False, env=_path())
    assert result.returncode == 0, result.stdout


def test_types() -> None:
    result = subprocess.run(["mypy"], cwd=ROOT, capture_output=True, text=True, check=False, env=_path())
    assert result.returncode == 0, result.stdout


def _path() -> dict[str, str]:
    import os

    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_committed_without_outputs_and_define_nothing(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for cell in code:
        source = "".join(cell["source"])
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert len(source.splitlines()) <= 15, source
        assert not re.search(r"^\s*(def|class) ", source, re.MULTILINE)
    # All but the one to explore the results in are reports.
    assert (["parameters"] in [cell["metadata"].get("tags") for cell in code]) == (path.stem != "explore")


def test_versions_agree() -> None:
    import ferstudy

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert ferstudy.__version__ == PROJECT["version"] == citation["version"]


def test_the_tree_is_light() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    sizes = {name: (ROOT / name).stat().st_size for name in listed.stdout.split("\0") if (ROOT / name).is_file()}
    assert {name for name, size in sizes.items() if size > 3_000_000} == set()
    assert sum(sizes.values()) < 60_000_000


def test_only_the_command_line_prints() -> None:
    printing = [
        p.name for p in (ROOT / "ferstudy").rglob("*.py") if re.search(r"^\s*print\(", p.read_text(), re.MULTILINE)
    ]
    assert printing == ["cli.py"]


def test_only_figures_draw_with_matplotlib() -> None:
    pattern = re.compile(r"^\s*(?:import|from) (?:matplotlib|seaborn)", re.MULTILINE)
    drawing = {p.name for p in (ROOT / "ferstudy").rglob("*.py") if pattern.search(p.read_text())}
    # entries.py names the type of a figure for the type checker and imports nothing at run time.
    assert drawing == {"figures.py", "entries.py"}
