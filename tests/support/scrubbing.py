"""What tests of the recorder share: an answer beside what became of it, and a search for what should be gone.

The search is made of nothing that the recorder uses: what the client reads, and the forms of an original written anew.
"""

import base64
import quopri
import re
from html import escape
from urllib.parse import quote

from mailkit_xmlrpc import MailkitError
from mailkit_xmlrpc.client.call import PROTOCOLS
from mailkit_xmlrpc.protocol.calls import BouncesCall
from mailkit_xmlrpc.recorder.scrubber import scrubbed
from tests.support.bodies import body_of

# The text of a double is its shortest: how long that is depends on its digits.
_DOUBLE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|-?[0-9]+\.[0-9]+")

_ESCAPING = re.compile("[%=&]")
_ESCAPES = re.compile(rb"[%=][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}")
_LONGEST_ESCAPE = 6

KEY = b"a key that is only for tests"
KEPT = ("status", "email_status", "bounce_cat")
STAYING = ("STATUS", "EMAIL_STATUS", "BOUNCE_CAT", "ERROR_STATUS", "FAULTCODE")


def read(body, content_type="text/xml", form="xml", replace=False):
    """The rows of *body* by the client's own reader, or its error."""
    protocol = PROTOCOLS["json" if form == "json" else "xmlrpc"]
    whole = body_of(body, content_type)
    try:
        text = protocol.text(whole, replace)
        reader = protocol.rows(BouncesCall(1), None, len(body))
        rows = []
        try:
            for piece in text.of(whole.pieces()):
                rows += reader.feed(piece)
            return rows + reader.close()
        except MailkitError as error:
            raise text.explained(error, protocol.decoder())
    except MailkitError as error:
        return error


def gist(value):
    """The types in *value*, and what is empty in it: what a pseudonym must have in common with an original."""
    if isinstance(value, dict):
        return {name: gist(item) for name, item in value.items()}
    if isinstance(value, list):
        return [gist(item) for item in value]
    if isinstance(value, str):
        if _DOUBLE.fullmatch(value):
            return "str", "a double"
        # Of an escaped letter another letter may have digits where it has none.
        return "str", len(value), "" if _ESCAPING.search(value) else "".join(map(shape, value))
    if isinstance(value, bytes):
        return "bytes", len(value)
    if type(value) is int:
        return "int", value < 0, len(str(abs(value))), value == 0
    return type(value).__name__, value if isinstance(value, bool) else None


def shape(char):
    """What stays of a character: its sort, and all of it where it is neither letter nor digit."""
    if not char.isalnum():
        return "b" if "\udc80" <= char <= "\udcff" else char
    return "9" if char.isdigit() else "A" if char.isupper() else "a" if char.islower() else "x"


def compare(before, after):
    """Say how the row *after* differs from *before* in what must be the same; "" where it does not."""
    for name in KEPT:
        if "@" not in getattr(before, name) and getattr(before, name) != getattr(after, name):
            return name
    for name in ("email", "reason", "id_email", "id_user_list", "id_send_message", "extra"):
        if gist(getattr(before, name)) != gist(getattr(after, name)):
            return name
    if (before.date is None) != (after.date is None):
        return "date"
    if before.date is not None and before.date.time() != after.date.time():
        return "time"
    return "" if "@" in before.status + before.bounce_cat or before.kind == after.kind else "kind"


def texts_of(row):
    """Every text and number of *row* that must not be seen again."""
    found = [row.email, row.reason]
    found += [str(value) for value in (row.id_email, row.id_user_list, row.id_send_message) if value is not None]
    found += [text for name, value in row.extra.items() if name.upper() not in STAYING for text in _texts_in(value)]
    return found


def _texts_in(value):
    if isinstance(value, dict):
        return [text for name, item in value.items() if name.upper() not in STAYING for text in _texts_in(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts_in(item)]
    return [value] if isinstance(value, str) else [str(value)] if type(value) is int else []


def forms_of(text, codec):
    """*text* in each of the forms in which it could be hidden in bytes."""
    utf_8 = text.encode("utf-8", "surrogatepass")
    forms = {utf_8, escape(text).encode("utf-8", "surrogatepass"), quote(utf_8).encode(), quopri.encodestring(utf_8)}
    forms |= {quote(utf_8, safe="@").encode(), base64.b64encode(utf_8).rstrip(b"=")}
    forms.add("".join("&#{};".format(ord(char)) for char in text).encode())
    try:
        forms.add(text.encode(codec))
        forms.add(escape(text).encode(codec, "xmlcharrefreplace"))
    except UnicodeEncodeError:
        pass
    return forms


def is_in(form, data):
    """Whether *form* is in *data*; "b@example.com" is not in "%9B@example.com", where the b is a digit of an escape."""
    for found in re.finditer(re.escape(form), data):
        before = range(max(0, found.start() - _LONGEST_ESCAPE + 1), found.start())
        escapes = filter(None, (_ESCAPES.match(data, start) for start in before))
        if all(escape.end() <= found.start() for escape in escapes):
            return True
    return False


# --- small answers --------------------------------------------------------------------------------------------------

HEAD = '<?xml version="1.0" encoding="{}"?>\n<methodResponse><params><param><value><array><data><value><struct>'
TAIL = "</struct></value></data></array></value></param></params></methodResponse>"


def document(members, encoding="utf-8"):
    """An answer of one row, in *encoding*."""
    return (HEAD.format(encoding) + members + TAIL).encode(encoding, "xmlcharrefreplace")


def member(name, inside):
    """A member with *inside* in its value tags."""
    return "<member><name>{}</name><value>{}</value></member>".format(name, inside)


def changed(*members, **options):
    """What stands in the value tags of *members* afterwards."""
    encoding = options.pop("encoding", "utf-8")
    key = options.pop("key", KEY)
    new = scrubbed(document("".join(member(*one) for one in members), encoding), "", key, **options)
    texts = new.decode(encoding)[len(HEAD.format(encoding)) : -len(TAIL)].split("</name><value>")[1:]
    return [text.rsplit("</value></member>", 1)[0] for text in texts]


def value(inside, name="REASON", **options):
    """What *inside* the value tags of one member becomes."""
    (new,) = changed((name, inside), **options)
    return new


def text_of(data):
    """What *data* becomes, in a document without any tag."""
    return scrubbed(data, "text/plain", KEY)
