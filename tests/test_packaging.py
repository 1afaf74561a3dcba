"""The wheel and the source archive: what they hold, what PyPI's checker says, and the package from the wheel alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import ferstudy
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source archive, made of a copy of the files that make a package."""
    pytest.importorskip("build")
    source = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in ("ferstudy", "notebooks"):
        shutil.copytree(ROOT / folder, source / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "CITATION.cff"):
        shutil.copy(ROOT / name, source)
    _run("-m", "build", "--no-isolation", "--outdir", str(source / "dist"), str(source), folder=source)
    (wheel,), (archive,) = ((source / "dist").glob(pattern) for pattern in ("*.whl", "*.tar.gz"))
    return wheel, archive


def _run(*arguments: str, folder: Path, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": "", **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_what_it_reads(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[0]).namelist())
    assert built[0].name == f"ferstudy-{ferstudy.__version__}-py3-none-any.whl"
    for file in (ROOT / "ferstudy").rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            assert file.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith(("tests/", "reports/")) or name.endswith(".pyc")]
    assert any(name.endswith("licenses/LICENSE") for name in names)
    notebooks = {name.partition("share/ferstudy/notebooks/")[2] for name in names} - {""}
    assert notebooks == {
        p.relative_to(ROOT / "notebooks").as_posix() for p in (ROOT / "notebooks").rglob("[!.]*.ipynb")
    }


def test_the_source_archive_holds_what_the_wheel_is_made_of(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "ferstudy/cli.py",
        "ferstudy/reports/templates/page.html",
    } <= names


def test_the_checker_of_packages_finds_nothing(built: tuple[Path, Path]) -> None:
    pytest.importorskip("twine")
    said = _run("-m", "twine", "check", "--strict", *map(str, built), folder=built[0].parent)
    assert said.count("PASSED") == 2


def test_the_wheel_alone_says_what_it_sees(built: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "installed"
    _run("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(built[0]), folder=tmp_path)
    code = (
        "import ferstudy, ferstudy.cli; from ferstudy.pretrained import list_pretrained;"
        "print(ferstudy.__file__, len(list_pretrained()), len(ferstudy.results()) > 0, bool(ferstudy.list_recipes()))"
    )
    said = _run("-c", code, folder=tmp_path, PYTHONPATH=str(target))
    copied = _run("-m", "ferstudy.cli", "notebooks", str(tmp_path / "mine"), folder=tmp_path, PYTHONPATH=str(target))
    assert copied.startswith(f"{len(list((ROOT / 'notebooks').rglob('[!.]*.ipynb')))} notebooks in")
    assert (tmp_path / "mine" / "notebooks" / "explore.ipynb").is_file()
    assert said.split() == [str(target / "ferstudy" / "__init__.py"), "3", "True", "True"]
