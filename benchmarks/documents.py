"""Reports to measure with: made from a seed, every row different, the same on every Python.

Nothing here is a recording. The layout of ``documented`` is that of the XML sample on the vendor's page; the others
are what the API's other answers, and other servers of its kind, make one expect.
"""

import itertools
import json
import random
from xml.sax.saxutils import escape

import serialised

ID_SEND = 123456
SEED = 20141223  # the only date on the vendor's page

_STATUSES = ("4.2.2", "4.4.1", "4.4.2", "4.4.7", "5.1.1", "5.1.2", "5.2.1", "5.4.4", "5.7.1")
_STATES = ("enabled", "unknown", "temporary", "permanent", "unsubscribe")
_CATEGORIES = ("bad-mailbox", "full-mailbox", "bad-domain", "no-answer-from-host", "spam-related", "quota-issues")
_REASONS = ("Bad Mailbox", "Full Mailbox", "Host not found", "smtp; 550 no such user", "Message expired")
_CZECH = ("Schránka příjemce je přeplněná", "Žádný takový uživatel", "Doména neexistuje", "Zpráva byla odmítnuta")
_NAMES = ("novak", "svobodova", "dvorak", "cerna", "prochazka", "kucerova", "vesely", "horakova")
_INTEGERS = frozenset(("ID_EMAIL", "ID_USER_LIST", "ID_SEND_MESSAGE"))


def rows_of(count, seed=SEED):
    """Yield *count* rows: dicts from member name to int or str, in the order of the vendor's XML sample."""
    dice = random.Random(seed)
    for index in range(count):
        name = _NAMES[dice.randrange(len(_NAMES))]
        yield {
            "EMAIL": "{}.{}@mail{}.example".format(name, index, dice.randrange(1000)),
            "ID_EMAIL": 49872054 + 3 * index,
            "ID_USER_LIST": 100 + dice.randrange(900),
            "ID_SEND_MESSAGE": 1234567890 + 7 * index,
            "DATE": "20{:02}-{:02}-{:02} {:02}:{:02}:{:02}".format(
                14 + dice.randrange(10),
                1 + dice.randrange(12),
                1 + dice.randrange(28),
                dice.randrange(24),
                dice.randrange(60),
                dice.randrange(60),
            ),
            "STATUS": _STATUSES[dice.randrange(len(_STATUSES))],
            "EMAIL_STATUS": _STATES[dice.randrange(len(_STATES))],
            "BOUNCE_CAT": _CATEGORIES[dice.randrange(len(_CATEGORIES))],
            "REASON": "{} (queue id {:x})".format(_REASONS[dice.randrange(len(_REASONS))], dice.getrandbits(40)),
        }


# --- layouts --------------------------------------------------------------------------------------------------------

_PRETTY_MEMBER = (
    "        <member>\n         <name>{0}</name>\n         <value>\n          <{1}>{2}</{1}>\n"
    "         </value>\n        </member>\n"
)
_COMPACT_MEMBER = "<member><name>{0}</name><value><{1}>{2}</{1}></value></member>"
_PRETTY_ROW = "      <value>\n       <struct>\n{}       </struct>\n      </value>\n"
_COMPACT_ROW = "<value><struct>{}</struct></value>"
_PRETTY = (
    '<?xml version="1.0" encoding="utf-8"?>\n<methodResponse>\n <params>\n  <param>\n   <value>\n    <array>\n'
    "     <data>\n",
    "     </data>\n    </array>\n   </value>\n  </param>\n </params>\n</methodResponse>\n",
)
_COMPACT = (
    '<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value><array><data>',
    "</data></array></value></param></params></methodResponse>",
)


def _members(row, layout, text=escape):
    return [
        layout.format(name, "int" if name in _INTEGERS else "string", value if name in _INTEGERS else text(value))
        for name, value in row.items()
    ]


def _documented(index, row, dice):
    return _PRETTY_ROW.format("".join(_members(row, _PRETTY_MEMBER))), row


def _compact(index, row, dice):
    return _COMPACT_ROW.format("".join(_members(row, _COMPACT_MEMBER))), row


def _shuffled(index, row, dice):
    members = _members(row, _PRETTY_MEMBER)
    dice.shuffle(members)
    return _PRETTY_ROW.format("".join(members)), row


def _entities(index, row, dice):
    """Czech letters as they are, the five entities, and decimal and hexadecimal references, in every row."""
    reason = '{} <{}> & "č. {}": {}'.format(_CZECH[dice.randrange(len(_CZECH))], row["EMAIL"], index, row["REASON"])
    row = dict(row, EMAIL="o'{}".format(row["EMAIL"]), REASON=reason)
    members = _members(row, _PRETTY_MEMBER, _escaped_thoroughly)
    return _PRETTY_ROW.format("".join(members)), row


def _escaped_thoroughly(text):
    return escape(text, {"'": "&apos;", '"': "&quot;", "č": "&#269;", "ž": "&#x17E;"})


def _odd(index, row, dice):
    """Every other row as documented, the rest with something that is right and rare; eight kinds by turns."""
    if not index % 2:
        return _documented(index, row, dice)
    kind = index // 2 % 8
    members = _members(row, _PRETTY_MEMBER)
    struct = _PRETTY_ROW
    if kind == 0:
        members[-1] = _PRETTY_MEMBER.format("REASON", "string", "<![CDATA[{}]]>".format(row["REASON"]))
    elif kind == 1:
        row = dict(row, BLOCKED=bool(index % 3))
        members.append(_PRETTY_MEMBER.format("BLOCKED", "boolean", int(row["BLOCKED"])))
    elif kind == 2:
        members[0] = members[0].replace("<string>", '<string lang="cs">')
    elif kind == 3:
        members.insert(4, "        <!-- {} -->\n".format(index))
    elif kind == 4:
        row = dict(row, TRIES=[index, "later"])
        array = "<data><value><int>{}</int></value><value>later</value></data>".format(index)
        members.append(_PRETTY_MEMBER.format("TRIES", "array", array))
    elif kind == 5:
        struct = struct.replace("<struct>", '<struct id="row{}">'.format(index))
    elif kind == 6:
        members.insert(7, "        <?sent {}?>\n".format(index))
    else:
        row = dict(row, HOST={"PORT": 25})
        inner = _COMPACT_MEMBER.format("PORT", "int", 25)
        members.append(_PRETTY_MEMBER.format("HOST", "struct", inner))
    return struct.format("".join(members)), row


#: name -> (how a row is written, what stands around the rows)
DOCUMENTS = {
    "documented": (_documented, _PRETTY),
    "compact": (_compact, _COMPACT),
    "shuffled": (_shuffled, _PRETTY),
    "entities": (_entities, _PRETTY),
    "odd": (_odd, _PRETTY),
}


def written(name, count, seed=SEED):
    """Yield the pieces of document *name* (head, each row, tail) as (text, row); row is None for head and tail."""
    write, (head, tail) = DOCUMENTS[name]
    dice = random.Random(seed + 1)
    rows = (write(index, row, dice) for index, row in enumerate(rows_of(count, seed)))
    return itertools.chain([(head, None)], rows, [(tail, None)])


#: of the documents that others wrote, the one of which about every other row gets a comment
HALF_IRREGULAR = "rpc-xml-irregular"
#: all documents; those that others wrote first
NAMES = serialised.NAMES + [HALF_IRREGULAR] + list(DOCUMENTS)


def write_files(name, count, xml_path, json_path, seed=SEED):
    """Write document *name* as XML-RPC, and as the API's JSON form: a list of objects.

    In ours, every documented value of the JSON form is a string, and undocumented members keep JSON's own types. So all
    forms say the same.
    """
    if name == HALF_IRREGULAR:
        serialised.write_files("rpc-xml", count, xml_path, json_path, seed, irregular=True)
        return
    if name not in DOCUMENTS:
        serialised.write_files(name, count, xml_path, json_path, seed)
        return
    with open(xml_path, "wb") as xml_file, open(json_path, "wb") as json_file:
        separator = b"[\n"
        for text, row in written(name, count, seed):
            xml_file.write(text.encode("utf-8"))
            if row is not None:
                values = {key: str(value) if key in _INTEGERS else value for key, value in row.items()}
                json_file.write(separator + json.dumps(values, ensure_ascii=False).encode("utf-8"))
                separator = b",\n"
        json_file.write(b"\n]\n" if count else b"[]\n")
