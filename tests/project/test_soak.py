"""The soak in its short form; tools/soak.py runs it for minutes."""

import os
import re
import subprocess
import sys

import pytest

import mailkit_xmlrpc

SOAK = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "tools", "soak.py")


@pytest.mark.slow
def test_soak_shows_no_growth():
    """Hundreds of calls, a third of them in trouble, leave neither memory nor descriptors nor threads behind."""
    command = [sys.executable, SOAK, "--seconds", "3"]
    home = os.path.dirname(os.path.dirname(os.path.abspath(mailkit_xmlrpc.__file__)))  # under test, installed or not
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        timeout=120,
        env=dict(os.environ, PYTHONPATH=home, PYTHONWARNINGS="error", MALLOC_ARENA_MAX="1"),
    )
    assert done.returncode == 0, done.stdout
    calls, failed = (
        int(number) for number in re.match(r"calls (\d+), failed (\d+) .*, wrong 0\n", done.stdout).groups()
    )
    assert calls > 50
    assert 0 < failed < calls
