"""What is shipped: the metadata, what sdist and wheel hold, and that old installers cope with both.

Tests of built files need them: ``tox -e dist`` builds them and names their directory in MAILKIT_DIST.
"""

import configparser
import glob
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

import pytest

import mailkit_xmlrpc
from tests.project.test_readme import blocks

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = os.environ.get("MAILKIT_DIST")

needs_built = pytest.mark.skipif(not BUILT, reason="needs built files: run tox -e dist")
needs_installed = pytest.mark.skipif("MAILKIT_TEST_INSTALLED" not in os.environ, reason="only tox tests the wheel")

# What is put into a new environment of Python 3.6 to install with. Nothing: what its own ensurepip brings (pip 18.1).
# The pair is RHEL 8's: that pip knows no pyproject.toml and runs setup.py.
OLD_INSTALLERS = {"pip-18.1": [], "pip-9.0.3": ["pip==9.0.3", "setuptools==39.2.0"]}


def setup_cfg():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string((ROOT / "setup.cfg").read_text(encoding="utf-8"))
    return parser


def expected_contents(part):
    """The lines of one part of dist_contents.txt."""
    parser = configparser.ConfigParser(allow_no_value=True, delimiters=["="], interpolation=None)
    parser.optionxform = str
    parser.read_string((ROOT / "tests" / "project" / "dist_contents.txt").read_text(encoding="utf-8"))
    return set(parser[part])


def built_file(pattern):
    """The one file of that kind which was built."""
    (path,) = glob.glob(os.path.join(BUILT, pattern))
    return path


def wheel_names():
    with zipfile.ZipFile(built_file("*.whl")) as archive:
        return set(archive.namelist())


def sdist_names():
    """The files of the sdist, without the directory that they all stand in."""
    with tarfile.open(built_file("*.tar.gz")) as archive:
        return {member.name.split("/", 1)[1] for member in archive if member.isfile()}


def run(command, **options):
    """What a command prints; its standard error is shown when it fails."""
    return subprocess.check_output([str(word) for word in command], universal_newlines=True, **options)


def find_python(version):
    """A Python that runs, or None: the first one on PATH may be a pyenv shim of a version not activated."""
    for folder in os.get_exec_path():
        candidate = os.path.join(folder, "python" + version)
        if os.access(candidate, os.X_OK) and subprocess.call([candidate, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return candidate
    return None


def test_version_is_one():
    """setup.cfg and the package tell the same version."""
    assert setup_cfg()["metadata"]["version"] == mailkit_xmlrpc.__version__


def test_setup_py_is_two_lines():
    """setup.py is there for old installers only and decides nothing."""
    assert (ROOT / "setup.py").read_text(encoding="ascii") == "from setuptools import setup\nsetup()\n"


def test_pyproject_holds_what_is_only_read_there():
    """Metadata and settings have one home, setup.cfg; ruff and build front ends read no other file."""
    text = (ROOT / "pyproject.toml").read_text(encoding="ascii")
    assert {table.split(".")[:2][-1] for table in re.findall(r"^\[(.*)\]", text, re.MULTILINE)} == {
        "build-system",
        "ruff",
    }


def test_setup_cfg_is_readable_for_old_setuptools():
    """setuptools 39.2 reads setup.cfg in the locale's encoding and interpolates percent signs: it has neither."""
    assert "%" not in (ROOT / "setup.cfg").read_text(encoding="ascii")


def test_py_typed_is_beside_the_package():
    """Type checkers may read the package's annotations."""
    assert (pathlib.Path(mailkit_xmlrpc.__file__).parent / "py.typed").is_file()


@needs_installed
def test_package_under_test_is_the_installed_one():
    """In tox it is the wheel that is tested, never the source beside the tests."""
    here = pathlib.Path(mailkit_xmlrpc.__file__).resolve()
    assert pathlib.Path(sysconfig.get_path("purelib")).resolve() in here.parents


@needs_built
def test_wheel_contents_are_as_listed():
    """The wheel holds the package and its metadata, nothing else, and no module is forgotten."""
    package = {name for name in wheel_names() if ".dist-info/" not in name}
    assert package == expected_contents("wheel")


@needs_built
def test_wheel_is_for_every_python3():
    """No compiled parts: one wheel serves every implementation and platform."""
    assert built_file("*.whl").endswith("-py3-none-any.whl")


@needs_built
def test_wheel_metadata_asks_for_little():
    """A bare install brings defusedxml and, on 3.6, dataclasses; entry point and licence are there."""
    with zipfile.ZipFile(built_file("*.whl")) as archive:
        read = {
            os.path.basename(name): archive.read(name).decode("utf-8")
            for name in archive.namelist()
            if ".dist-info/" in name
        }
    lines = [line.replace(" ", "").replace('"', "'") for line in read["METADATA"].splitlines()]
    required = {line.split(":", 1)[1] for line in lines if line.startswith("Requires-Dist:") and "extra==" not in line}
    assert required == {"defusedxml>=0.7.1", "dataclasses;python_version<'3.7'"}
    assert "Requires-Python:>=3.6" in lines
    assert "mailkit-bounces = mailkit_xmlrpc.cli:main" in read["entry_points.txt"]
    assert "[pytest11]" in read["entry_points.txt"]
    assert "mailkit-xmlrpc contributors" in read["LICENSE"]


@needs_built
def test_sdist_top_is_as_listed():
    """The sdist holds tests, fixtures and documents beside the package, and nothing that lay about."""
    assert {name.split("/")[0] for name in sdist_names()} == expected_contents("sdist")


@needs_built
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs git's list of files")
def test_sdist_holds_what_git_knows():
    """Every file that git tracks, or would, is in the sdist, and no other: it can be tested and built from."""
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=str(ROOT)).split("\0")
    known = {name for name in listed if name and (ROOT / name).exists()}
    generated = {"PKG-INFO"} | {name for name in sdist_names() if name.startswith("mailkit_xmlrpc.egg-info/")}
    assert sdist_names() - generated == known


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory):
    """A directory with all that the old installers need.

    The pip of this Python fetches it: what the old ones make of today's index and of its TLS is not under test.
    """
    folder = str(tmp_path_factory.mktemp("wheelhouse"))
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", folder]
    for wanted in [["defusedxml>=0.7.1", "dataclasses", "setuptools>=40.8", "wheel"]] + list(OLD_INSTALLERS.values()):
        if wanted:
            run(download + ["--only-binary=:all:", "--python-version=3.6"] + wanted)
    return folder


@needs_built
@pytest.mark.parametrize("file", ["*.whl", "*.tar.gz"], ids=["wheel", "source"])
@pytest.mark.parametrize("installer", sorted(OLD_INSTALLERS))
def test_old_pip_installs(installer, file, wheelhouse, tmp_path):
    """The pip that comes with Python 3.6, and RHEL 8's, install the wheel and the source; the command runs."""
    python36 = find_python("3.6")
    if python36 is None:
        pytest.skip("needs Python 3.6")
    run([python36, "-m", "venv", tmp_path / "venv"])
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheelhouse]
    if OLD_INSTALLERS[installer]:
        run(install + OLD_INSTALLERS[installer])
    assert run([python, "-m", "pip", "--version"]).startswith(installer.replace("-", " ") + " ")
    run(install + [built_file(file)], cwd=str(tmp_path))
    imported = run([python, "-c", "import mailkit_xmlrpc; print(mailkit_xmlrpc.__version__)"], cwd=str(tmp_path))
    assert imported == mailkit_xmlrpc.__version__ + "\n"
    assert mailkit_xmlrpc.__version__ in run([python.parent / "mailkit-bounces", "--version"], cwd=str(tmp_path))


@needs_built
@pytest.mark.parametrize(
    "version, wanted", [("3.6", "pytest"), ("3.11", "pytest==7.0.0"), ("3.11", "pytest"), ("3.13", "pytest")]
)
def test_stranger_tests_with_the_wheel(version, wanted, tmp_path):
    """In an empty project with pytest, the wheel and nothing else, the five tests of docs/testing.rst run."""
    python = find_python(version)
    if python is None:
        pytest.skip("needs Python " + version)
    run([python, "-m", "venv", tmp_path / "venv"])
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if version == "3.6":
        # Its own finds versions in today's index that it cannot install.
        run(install + ["pip==21.3.1"])
    run(install + [wanted, built_file("*.whl")])
    (tmp_path / "project").mkdir()
    page = (ROOT / "docs" / "testing.rst").read_text(encoding="utf-8")
    code = [block for _, block in blocks(page)]
    (tmp_path / "project" / "test_five.py").write_text(code[0] + code[1], encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAILKIT", "PYTEST", "PYTHON"))}
    options = ["-q", "-W", "error", "--mailkit-block-network"]
    printed = run([python, "-m", "pytest"] + options, cwd=str(tmp_path / "project"), env=clean)
    assert "5 passed" in printed
