"""Large answers out of the small ones of fixtures/serialised/, which other people's serialisers wrote.

The rows of a kept answer are drawn at random, each byte for byte with the white space around it, until there are
enough. So a benchmark needs none of the serialisers.
"""

import base64
import json
import os
import random
import re
import xml.etree.ElementTree as ElementTree

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures", "serialised")
#: of which the answers are there twice: as they come, and (-numbers) where every text may look like a number
SERIALISERS = ("rpc-xml", "frontier", "xmlrpc-lite", "php", "ruby", "node", "python")
#: the answers, as their files are named
NAMES = [serialiser + mixture for serialiser in SERIALISERS for mixture in ("", "-numbers")]

_ROW = re.compile("<value>\\s*<struct>.*?</struct>\\s*</value>", re.DOTALL)  # no row of these holds another struct
_NUMBER = re.compile("-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?")  # as JSON writes it


def parts_of(name):
    """What stands before the rows, the rows, what stands between two, and what behind the last."""
    with open(os.path.join(FOLDER, name + ".xml"), encoding="utf-8", newline="") as file:
        text = file.read()
    spans = [match.span() for match in _ROW.finditer(text)]
    rows = [text[start:end] for start, end in spans]
    return text[: spans[0][0]], rows, text[spans[0][1] : spans[1][0]], text[spans[-1][1] :]


def write_files(name, count, xml_path, json_path, seed=0, irregular=False):
    """Write the answer *name* with *count* rows, and the same rows in the API's JSON form.

    :param irregular: put a comment into about every other row, which only a general decoder reads
    """
    head, rows, between, tail = parts_of(name)
    objects = [_object(row) for row in rows]
    dice = random.Random(seed)
    with open(xml_path, "wb") as xml_file, open(json_path, "wb") as json_file:
        xml_file.write(head.encode("utf-8"))
        for number in range(count):
            drawn = dice.randrange(len(rows))
            row = rows[drawn]
            if irregular and dice.randrange(2):
                row = row.replace("<member>", "<!-- {} --><member>".format(number), 1)
            xml_file.write((between if number else "").encode("utf-8") + row.encode("utf-8"))
            json_file.write((b",\n" if number else b"[\n") + objects[drawn].encode("utf-8"))
        xml_file.write(tail.encode("utf-8"))
        json_file.write(b"\n]\n" if count else b"[]\n")


def _object(row):
    """The JSON form of *row*: numbers as they are written, where JSON can write them so."""
    members = []
    for member in ElementTree.fromstring(row)[0]:
        name, value = member.find("name").text, member.find("value")
        kind, text = (value[0].tag, value[0].text or "") if len(value) else ("string", value.text or "")
        if kind == "base64":
            text = base64.b64decode(text).decode("utf-8")
        is_number = kind in ("int", "i4", "i8", "double") and _NUMBER.fullmatch(text)
        members.append("{}: {}".format(json.dumps(name), text if is_number else json.dumps(text, ensure_ascii=False)))
    return "{{{}}}".format(", ".join(members))
