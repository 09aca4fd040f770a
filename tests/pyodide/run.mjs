// Runs pytest in Pyodide, CPython compiled to WebAssembly, under Node:
//
//     node run.mjs PYODIDE SITE TESTS [OPTION...]
//
// PYODIDE is the folder of the npm package, SITE a folder of packages to import (the one under test too), TESTS the root
// of the repository. Both are mounted under their own names.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, site, root, ...options] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")));
const python = await loadPyodide({ env: { HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1", CI: process.env.CI ?? "" } });
for (const folder of [site, root]) {
    python.FS.mkdirTree(folder);
    python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, folder);
}
python.globals.set("arguments", python.toPy({ site, root, options }));
process.exitCode = python.runPython(`
import os, sys

print("Python", sys.version, "on", sys.platform)
sys.path.insert(0, arguments["site"])
os.chdir("/tmp")
import pytest

root = arguments["root"]
sys.path.append(root)
int(pytest.main([
    "-p", "tests.pyodide.plugin", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=0",
    "-c", root + "/setup.cfg", "--rootdir", root, "-rfE", *arguments["options"],
]))
`);
