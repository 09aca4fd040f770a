"""What tests of files need beside the package: libraries, and LibreOffice.

Where ``MAILKIT_TEST_FILES`` is 1, as in tox's environment ``files``, what is missing is a failure; elsewhere the test
is skipped.
"""

import importlib
import os
import shutil
import subprocess

import pytest

REQUIRED = os.environ.get("MAILKIT_TEST_FILES") == "1"
#: how LibreOffice calls what it reads and writes
TO_XLSX = "xlsx:Calc MS Excel 2007 XML"
#: commas, quotes, UTF-8, all texts in quotes
TO_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true"


def needed(*modules):
    """Return the last of *modules*, which are imported; without one of them the test is skipped, or fails."""
    for name in modules:
        if not REQUIRED:
            pytest.importorskip(name, reason="{} is not installed".format(name))
        found = importlib.import_module(name)
    return found


def libreoffice(tmp_path, path, read_as=None, to=TO_XLSX):
    """Return the path of what LibreOffice made of the file at *path*.

    :param read_as: its name of the filter for reading, with options
    :param to: its names for the end of the new file's name and the filter for writing
    """
    program = shutil.which("soffice")
    if program is None:
        message = "LibreOffice is not installed (apt-get install libreoffice-calc)"
        assert not REQUIRED, message
        pytest.skip(message)
    out = tmp_path / "libreoffice"
    command = [program, "--headless", "-env:UserInstallation=" + (tmp_path / "profile").as_uri()]
    command += ["--infilter=" + read_as] if read_as else []
    done = subprocess.run(
        command + ["--convert-to", to, "--outdir", str(out), str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=180,
    )
    made = out / (path.stem + "." + to.partition(":")[0])
    assert made.exists(), done.stdout
    return made
