"""Write fixtures/serialised/: the same rows as answers of other people's XML-RPC serialisers, byte for byte.

    python tools/make_serialised.py            all of them
    python tools/make_serialised.py rpc-xml    one

The rows are ours, made from a seed: addresses of reserved domains only, nothing of them was ever a message. What the
serialisers make of them is what matters: which type a text gets that looks like a number, how an empty one is written,
in which order and with which white space the members come. Needed for that, and for nothing else, are the Debian
packages librpc-xml-perl, libfrontier-rpc-perl, libxmlrpc-lite-perl, php-cli, php-xmlrpc, ruby and ruby-xmlrpc, and the
npm package xmlrpc (where NODE_PATH finds it). Tests and benchmarks read only the fixtures.

What is expected of each answer is worked out here, from the bytes and by means of its own (ElementTree). So it does
not make the fixture wrong that a serialiser loses something, such as PHP an id beyond 32 bits.
"""

import argparse
import base64
import json
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import namedtuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "fixtures", "serialised")
SCRIPTS = os.path.join(ROOT, "tools", "serialisers")
ROWS = 48
SEED = 20141223

#: command: script is its last argument; label: with its version; wide: it can write ids of more than 32 bits
Serialiser = namedtuple("Serialiser", "command label wide")

SERIALISERS = {
    "rpc-xml": Serialiser(("perl", "rpc_xml.pl"), "Perl's RPC::XML 0.82", True),
    "frontier": Serialiser(("perl", "frontier.pl"), "Perl's Frontier::RPC2 0.07b4", True),
    "xmlrpc-lite": Serialiser(("perl", "xmlrpc_lite.pl"), "Perl's XMLRPC::Lite 0.717", True),
    "php": Serialiser(("php", "ext_xmlrpc.php"), "PHP's xmlrpc 1.0.0RC3", False),
    "ruby": Serialiser(("ruby", "xmlrpc.rb"), "Ruby's xmlrpc 0.3.2", False),
    "node": Serialiser(("node", "xmlrpc.js"), "npm's xmlrpc 1.3.2", False),
    "python": Serialiser((sys.executable, "client.py"), "Python's xmlrpc.client 3.11", False),
}

# --- rows -----------------------------------------------------------------------------------------------------------

_TEXTS = ("EMAIL", "STATUS", "EMAIL_STATUS", "BOUNCE_CAT", "REASON")
_IDS = ("ID_EMAIL", "ID_USER_LIST", "ID_SEND_MESSAGE")
_NAMES = ("EMAIL",) + _IDS + ("DATE",) + _TEXTS[1:]
_WORDS = {
    "STATUS": ("5.1.1", "4.2.2", "4.4.1", "5.7.1", "5.2.1"),
    "EMAIL_STATUS": ("enabled", "unknown", "temporary", "permanent", "unsubscribe"),
    "BOUNCE_CAT": ("bad-mailbox", "full-mailbox", "bad-domain", "no-answer-from-host", "spam-related"),
    "REASON": ("Bad Mailbox", "Full Mailbox", "smtp; 550 <{}> no such user & no relay", 'Host "mx" isn\'t there'),
}
_CZECH = ("Schránka příjemce je přeplněná", "Žádný takový uživatel", "žluťoučký kůň", "Doména neexistuje")
_NUMBERS = ("550", "0550", "421", "5.1", "4.7", "5.0", "5.10", "0", "-1", "1e5", "007", "20141223")
#: per mixture, how often of a hundred a text of each member looks like a number, is empty, is Czech
MIXTURES = {
    "usual": {"STATUS": (30, 5, 0), "BOUNCE_CAT": (15, 5, 0), "REASON": (15, 5, 15)},
    "numbers": dict.fromkeys(_TEXTS, (40, 12, 12)),
}


def rows_of(mixture, wide, count=ROWS, seed=SEED):
    """Rows to be written: lists of (name, text or int), some members missing, an unknown one in every fifth row."""
    dice = random.Random("{} {}".format(mixture, seed))
    rows = []
    for index in range(count):
        address = "{}.{}@mail{}.example".format(dice.choice(("novak", "dvorak", "cerna")), index, dice.randrange(100))
        row = {}
        for name in _NAMES:
            if dice.randrange(100) < (3 if mixture == "usual" else 8) and name != "EMAIL":
                continue
            if name in _IDS:
                row[name] = dice.randrange(1, 5000000000 if wide and not dice.randrange(3) else 1 << 31)
                if not dice.randrange(12):
                    row[name] = ""
            elif name == "DATE":
                row[name] = "20{:02}-{:02}-{:02} {:02}:{:02}:{:02}".format(
                    14 + dice.randrange(10), 1 + dice.randrange(12), 1 + dice.randrange(28),
                    dice.randrange(24), dice.randrange(60), dice.randrange(60)
                )  # fmt: skip
            else:
                row[name] = _text(dice, name, address, MIXTURES[mixture].get(name, (0, 0, 0)))
        if index % 5 == 4:
            row[dice.choice(("HOST", "TRIES", "NOTE"))] = dice.choice(_NUMBERS + _CZECH + ("mx.example", "", "x"))
        rows.append(row)
    return rows


def _text(dice, name, address, chances):
    numbers, empty, czech = chances
    chance = dice.randrange(100)
    if chance < numbers:
        return dice.choice(_NUMBERS)
    if chance < numbers + empty:
        return ""
    if chance < numbers + empty + czech:
        return "{} ({})".format(dice.choice(_CZECH), dice.randrange(1000))
    if name == "EMAIL":
        return address
    return dice.choice(_WORDS[name]).format(address)


# --- what is expected -----------------------------------------------------------------------------------------------


def expected_of(body):
    """The rows of the answer *body*, as fixtures write them down."""
    rows = []
    for struct in ElementTree.fromstring(body).findall("./params/param/value/array/data/value/struct"):
        members = {member.find("name").text: _value(member.find("value")) for member in struct}
        row = {}
        for name in _TEXTS:
            row[name.lower()] = _as_text(*members.pop(name, ("string", "")))
        for name in _IDS:
            row[name.lower()] = int(members.pop(name, ("int", ""))[1] or -1)
        row["date"] = members.pop("DATE", ("string", ""))[1].replace(" ", "T")
        row["extra"] = {name: _as_extra(kind, text) for name, (kind, text) in members.items()}
        rows.append({field: value for field, value in row.items() if value not in ("", -1, {})})
    return rows


def _value(value):
    return (value[0].tag, value[0].text or "") if len(value) else ("string", value.text or "")


def _as_text(kind, text):
    if kind == "base64":
        return base64.b64decode(text).decode("utf-8")
    if kind == "double" and len(re.sub("[eE].*|[-+.]", "", text).lstrip("0")) > 17:
        return repr(float(text))
    return text


def _as_extra(kind, text):
    if kind == "base64":
        return {"$bytes": "".join(text.split())}
    if kind == "double":
        return float(text)
    return int(text) if kind in ("int", "i4", "i8") else text


# --- files ----------------------------------------------------------------------------------------------------------


def write(key, mixture):
    serialiser = SERIALISERS[key]
    rows = rows_of(mixture, serialiser.wide)
    command = [serialiser.command[0], os.path.join(SCRIPTS, serialiser.command[1]), "numbers"]
    fixed = {"PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "2"}  # an order of members that another run gives again
    environment = dict(os.environ, **fixed)
    sent = json.dumps(rows).encode("ascii")
    run = subprocess.run(command, input=sent, stdout=subprocess.PIPE, check=True, env=environment)
    what = "rows in which every text may look like a number, be empty or Czech" if mixture == "numbers" else "rows"
    expect = {
        "shows": "{}, as {} writes them: types follow the text".format(what, serialiser.label),
        "source": "constructed",
        "evidence": "INF: rows of ours, written by {} (tools/make_serialised.py)".format(serialiser.label),
    }
    name = os.path.join(FOLDER, key + ("-numbers" if mixture == "numbers" else "") + ".xml")
    with open(name, "wb") as file:
        file.write(run.stdout)
    with open(name + ".expect", "w", encoding="ascii") as file:
        lines = ",\n".join(json.dumps(row) for row in expected_of(run.stdout))
        file.write('{},\n"expect": {{"rows": [\n{}\n]}}}}\n'.format(json.dumps(expect)[:-1], lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("keys", nargs="*", metavar="SERIALISER", help=", ".join(SERIALISERS))
    keys = parser.parse_args().keys or list(SERIALISERS)
    os.makedirs(FOLDER, exist_ok=True)
    for key in keys:
        for mixture in MIXTURES:
            write(key, mixture)


if __name__ == "__main__":
    main()
