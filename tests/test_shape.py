"""The shape of the house: who may import whom, what loads when, what every module has."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from idp_cdi.cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "idp_cdi"

#: From the bottom up; a module imports only from its own line or from lines above it in this list.
LAYERS = (
    {"errors", "progress"},
    {"documents", "plugins", "models_path"},
    {"extractions", "observations", "fields"},
    {"customers"},
    {"settings", "pii"},
    {"standardisers"},
    {"ocr", "layout"},
    {"readers"},
    {"extractors"},
    {"scoring"},
    {"connectors"},
    {"matching"},
    {"survivorship", "identity"},
    {"engines", "evaluation", "rules", "charts"},
    {"store"},
    {"sinks", "review"},
    {"steps"},
    {"inbox"},
    {"cli", "server"},
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
HEAVY = {"spacy", "numpy", "duckdb", "pandas", "pyarrow", "sqlalchemy", "lxml", "PIL", "pydantic"}
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 500


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("idp_cdi.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_lines_above_its_own(path):
    mine = part(path)
    if mine == "__init__":
        return
    assert mine in RANK, f"{mine} has no place in the house: add it to LAYERS"
    wrong = {
        name
        for name in imports(path)
        if (other := name.split(".")[1]) != mine and other in RANK and RANK[other] >= RANK[mine]
    }
    assert not wrong, f"{path.relative_to(ROOT)} imports from its own line or below: {wrong}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_and_fits_in_one_sitting(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module begins with what it is for"
    assert text.count("\n") <= LONGEST


def test_the_help_loads_nothing_heavy():
    code = (
        "import sys, click\n"
        "from idp_cdi.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print(','.join(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.strip().split(","))
    assert "ingest" in done.stdout


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in COMMANDS if f"idp-cdi {name}" not in readme]
    assert not missing


def test_the_front_door_keeps_its_promise():
    import idp_cdi

    for name in idp_cdi.__all__:
        assert getattr(idp_cdi, name) is not None


def test_the_version_stands_in_one_place():
    import idp_cdi

    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f'version = "{idp_cdi.__version__}"' in project
    assert re.search(rf"^## \[?{re.escape(idp_cdi.__version__)}", changes, re.MULTILINE)


def test_every_test_module_has_a_name_of_its_own():
    names = [p.name for p in (ROOT / "tests").rglob("test_*.py")]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, "pytest takes modules of one name for the same"
