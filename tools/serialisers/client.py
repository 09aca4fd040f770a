"""Rows as JSON on stdin become an answer on stdout, written by Python's own xmlrpc.client.

With "numbers" as its argument, texts that look like numbers become numbers.
"""

import json
import re
import sys
from xmlrpc.client import dumps


def number(text):
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", text):
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)


rows = json.load(sys.stdin)
if "numbers" in sys.argv:
    rows = [{name: number(value) for name, value in row.items()} for row in rows]
sys.stdout.buffer.write(dumps((rows,), methodresponse=True).encode("utf-8"))
