"""The tutorial, as a newcomer follows it: an empty folder, each command copied as it stands."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest

from mailkit_xmlrpc.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial.rst"
_BLOCK = re.compile(r"^\.\. code-block:: (bash|python)\n(?:   :caption: (\S+)\n)?\n((?:    .*\n|\n)+)", re.MULTILINE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here"),
    pytest.mark.skipif(os.name == "nt", reason="a POSIX shell"),
    pytest.mark.skipif(
        sys.version_info[:2] not in ((3, 6), (3, 13)) and not os.environ.get("MAILKIT_TEST_DOCS"),
        reason="it takes a minute: the oldest Python and the newest, and where the documentation is proven",
    ),
]


def script():
    """The whole tutorial as one script: files are written where the page says to save them."""
    for kind, name, block in _BLOCK.findall(PAGE.read_text(encoding="utf-8") + "\n"):
        code = textwrap.dedent(block)
        yield "cat > {} <<'END_OF_FILE'\n{}END_OF_FILE\n".format(name, code) if name else code


def test_tutorial(tmp_path):
    """To the first report, script, test and nightly run, on this Python, in an empty folder."""
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "python3").symlink_to(sys.executable)
    (tmp_path / "home").mkdir()
    source = tmp_path / "source"
    # A copy: pip builds where the source is, and other environments may do so at the same time.
    shutil.copytree(str(ROOT / "mailkit_xmlrpc"), str(source / "mailkit_xmlrpc"))
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "README.rst", "LICENSE"):
        shutil.copy(str(ROOT / name), str(source))
    with Simulator() as mailkit:
        mailkit.add(123456, mailkit.reports[123456], sent=date.today(), subject="Spring offers", send_count=100)
        environment = {name: value for name, value in os.environ.items() if name.upper().startswith(("PIP", "TMP"))}
        environment.update(
            PATH="{}:/usr/bin:/bin".format(tmp_path / "python"),
            HOME=str(tmp_path / "home"),
            SOURCE=str(source),
            MAILKIT_URL=mailkit.url,
        )
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", "".join(script())],
            cwd=str(tmp_path / "home"),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            timeout=600,
        )
    said = done.stdout
    assert done.returncode == 0, said
    folder = tmp_path / "home" / "bounces"
    for words in ("3 bounces: 1 hard, 2 soft", "['adresa2@nejakadomena.cz']", "1 passed", "3 bounces of 100 sent"):
        assert words in said, said
    assert "Spring offers" in (folder / "report.html").read_text(encoding="utf-8")
    assert len((folder / "bounces.csv").read_text(encoding="utf-8").splitlines()) == 4
    assert "adresa2@nejakadomena.cz" in (folder / "plan.csv").read_text(encoding="utf-8")
