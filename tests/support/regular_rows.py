"""Regular rows, written down; and what the fast path and the general decoder make of a text."""

from mailkit_xmlrpc import MailkitError
from mailkit_xmlrpc.protocol.fields import MEMBERS, bounce_from_struct
from mailkit_xmlrpc.protocol.xmlrpc.fast_path import FastPath
from mailkit_xmlrpc.protocol.xmlrpc.raw_columns import RawWords, bounces_of, doubt_in
from tests.support.decoding import answer, decode

ID_SEND = 123456
SPACES = ("", " ", "\n", "\t", "\r\n", " \t\r\n ")
DOCUMENTED = (
    ("EMAIL", "string", "anna@example.com"),
    ("ID_EMAIL", "int", "1"),
    ("ID_USER_LIST", "i4", "2"),
    ("ID_SEND_MESSAGE", "i8", "3"),
    ("DATE", "string", "2014-12-23 12:36:02"),
    ("STATUS", "double", "5.1"),
    ("EMAIL_STATUS", "string", "PERMANENT"),
    ("BOUNCE_CAT", "", "Mailbox full"),
    ("REASON", "string", "a &amp; b"),
)
#: the members of a row that is always alike
UNIFORM = tuple((each.name, "int", "5") if each.name.startswith("ID") else (each.name,) for each in MEMBERS)
UNIFORM = tuple(("DATE", "string", "") if each[0] == "DATE" else each for each in UNIFORM)


def member(name, kind="string", text="a", gap=""):
    """A member as it stands in a document; the type ``nil`` has no text, and an untyped value no tag."""
    inside = "{1}<{0}>{2}</{0}>{1}".format(kind, gap, text) if kind else text
    if kind == "nil":
        inside = "{0}<nil/>{0}".format(gap)
    return "<member>{0}<name>{1}</name>{0}<value>{2}</value>{0}</member>".format(gap, name, inside)


def row(*members, gap=""):
    """A row of *members*, each the arguments of ``member``, or already as it stands in a document."""
    texts = [each if isinstance(each, str) else member(*each, gap=gap) for each in members]
    return "{0}<value>{0}<struct>{0}{1}</struct>{0}</value>".format(gap, "".join(text + gap for text in texts))


ROW = row(("EMAIL",))


def taken(text, at=0, path=None):
    """The Bounces of the rows that the fast path takes of *text*, and where it stops, in bytes."""
    data = text.encode("utf-8")
    rows, end = (path or FastPath()).rows(data, at, doubt_in(data, at))
    return bounces_of(rows, ID_SEND, None, RawWords()) if rows else [], end


def general(text):
    """The rows of *text* by the general decoder, or None if there is an error in it."""
    document = answer("<value><array><data>{}</data></array></value>".format(text)).encode("utf-8", "surrogatepass")
    try:
        structs = decode(document)["array"]
        return [bounce_from_struct(struct, ID_SEND, None, number) for number, struct in enumerate(structs)]
    except MailkitError:
        return None
