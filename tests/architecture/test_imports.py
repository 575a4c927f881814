"""What a module may pull in, beyond the contracts of import-linter in pyproject.toml."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "cloudtemple_browser"


def imported(source: str) -> set[str]:
    """The top-level names that a source text imports, at its head or inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").partition(".")[0])
    return found


def test_imports_are_found_everywhere() -> None:
    assert imported("import os.path, boto3\ndef f():\n    from keyring.errors import X\n") == {"os", "boto3", "keyring"}


@pytest.mark.parametrize("layer", ["model", "transfers", "app"])
def test_the_core_needs_the_standard_library_only(layer: str) -> None:
    files = list((PACKAGE / layer).rglob("*.py"))
    allowed = sys.stdlib_module_names | {"cloudtemple_browser"}
    foreign = {f"{path.relative_to(PACKAGE)}: {name}" for path in files for name in imported(path.read_text("utf-8")) - allowed}
    assert files
    assert not foreign


def test_the_window_loads_without_the_heavy_modules() -> None:
    """The S3 client alone takes 0.2 to 0.6 s to import, the keyring 0.1: both load in the background, after the window."""
    heavy = ["boto3", "botocore", "s3transfer", "keyring"]
    script = f"import sys, cloudtemple_browser.ui.main_window as _; print(*[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "", "")
