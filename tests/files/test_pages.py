"""docs/excel.rst and docs/data_frames.rst: their commands and their Python run as they stand, against the simulator."""

import re
import shlex
import warnings
from pathlib import Path

import pytest

from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator
from tests.project.test_readme import run
from tests.support.extras import needed

DOCS = Path(__file__).resolve().parents[2] / "docs"

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the documentation is not here")


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Run all commands of a page in an empty directory, for the account of a simulator."""
    monkeypatch.chdir(tmp_path)

    def run_all(page):
        text = (DOCS / page).read_text(encoding="utf-8")
        lines = re.findall(r"^    mailkit-bounces (.+)$", text, re.MULTILINE)
        assert lines
        for line in lines:
            assert main(shlex.split(line)) == 0, line

    with Simulator() as simulator:
        monkeypatch.setenv("MAILKIT_CLIENT_ID", str(simulator.client_id))
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", simulator.client_md5)
        monkeypatch.setenv("MAILKIT_URL", simulator.url)
        yield run_all


def test_excel(commands, tmp_path):
    """The commands of the page write what they promise."""
    needed("xlsxwriter", "openpyxl")
    commands("excel.rst")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bounces.csv",
        "bounces.xlsx",
        "deliveries.xlsx",
        "plan.xlsx",
    ]


def test_data_frames(commands):
    """The commands and the Python of the page run, with all libraries that it names."""
    needed("pandas", "polars", "duckdb", "pyarrow")
    commands("data_frames.rst")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries' own
        run(DOCS / "data_frames.rst")
