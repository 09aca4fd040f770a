"""What CONTRIBUTING.rst says of the package: its tables of modules are whole."""
import re
from pathlib import Path

import pytest

import mailkit_xmlrpc

PAGE = Path(__file__).resolve().parent.parent / "CONTRIBUTING.rst"
PACKAGE = Path(mailkit_xmlrpc.__file__).resolve().parent

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")


def test_each_module_is_in_a_table():
    """Every module is named there by itself, or as one of the commands; and what is named exists."""
    text = PAGE.read_text(encoding="utf-8").split("Where things are\n")[1].split("What is known of the service\n")[0]
    named = set(re.findall(r"``([a-z_]+)``", text.split("\n``import ")[0]))
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    commands = {name for name in modules if name.startswith("_command_")}
    assert sorted(modules - commands - named) == []
    assert sorted(name for name in named - modules if name.startswith("_")) == []
    assert commands and "``_command_...``" in text
