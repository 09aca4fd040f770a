"""The fault matrix once more, over the JSON form: the same lines, made anew of answers in JSON.

The modules that hold the lines are run a second time with a ``scripted_server`` whose answers are JSON. Left out are
the lines about what JSON does not have: faults, document types, method calls.
"""
import importlib
import json
import sys
import types

import scripted_server

MODULES = ("scripted_server", "fault_lines", "fault_matrix")
#: of XML alone; and "json", which is a web page's counterpart there and a good answer here
ONLY_XML = {"dtd", "call", "json"}


def _value(text):
    """The answer that stands for what *text* is in a methodResponse."""
    if text.startswith("<array>"):
        return b"[" * 50
    if text == "<int>5</int>":
        return b"5"
    if text.startswith("<string>"):
        return json.dumps(text[len("<string>") : -len("</string>")]).encode("ascii")
    return json.dumps({"error_status": 1, "error": text}).encode("ascii")


def _http(body=b"", *headers, **options):
    made = scripted_server.http(body, *headers, **options)
    return made.replace(b"\r\nContent-Type: text/xml\r\n", b"\r\nContent-Type: application/json\r\n", 1)


def _lines():
    clone = types.ModuleType("scripted_server")
    vars(clone).update(vars(scripted_server), report=scripted_server.json_report, value=_value, http=_http)
    saved = {name: sys.modules.pop(name) for name in MODULES if name in sys.modules}
    sys.modules["scripted_server"] = clone
    try:
        return importlib.import_module("fault_matrix").FAULTS
    finally:
        for name in MODULES:
            sys.modules.pop(name, None)
        sys.modules.update(saved)


FAULTS = [line for line in _lines() if line.expected != "FaultError" and line.name not in ONLY_XML]
