"""The ways to get a report's rows out of bytes that are compared: each written as well as its tool allows.

``PEERS[key].prepare()`` imports what the peer needs and returns its function: bytes of a whole document in, a list of
rows out. Where ``typed`` is set the rows are Bounces, made by the package's own ``bounce_from_struct`` unless said
otherwise; the others show what their tool costs alone. Each runs in a process of its own, so defusedxml's patch of
xmlrpc.client reaches nobody else.
"""

from collections import OrderedDict, namedtuple
from datetime import datetime

from documents import ID_SEND

from mailkit_xmlrpc.model.records import quick_bounce
from mailkit_xmlrpc.protocol.fields import bounce_from_struct

PIECE = 1 << 16  # bytes; the size that is best for every peer that can be fed in pieces

#: label: for the table; module: what must be installed; form: of the document, "xml" or "json"
#: reads_any: whether it reads documents that others wrote, too
Peer = namedtuple("Peer", "label module form typed prepare reads_any")
Peer.__new__.__defaults__ = (True,)


def pieces_of(data):
    return (data[at : at + PIECE] for at in range(0, len(data), PIECE))


def typed_rows(structs):
    return [bounce_from_struct(struct, ID_SEND, None, index) for index, struct in enumerate(structs)]


# --- xmlrpc.client --------------------------------------------------------------------------------------------------


def _xmlrpc_untyped():
    from xmlrpc.client import loads

    return lambda data: loads(data)[0][0]


def _xmlrpc():
    structs_of = _xmlrpc_untyped()
    return lambda data: typed_rows(structs_of(data))


def _defusedxml():
    from defusedxml.xmlrpc import monkey_patch

    monkey_patch()  # loads() looks its parser up when it is called
    return _xmlrpc()


# --- lxml -----------------------------------------------------------------------------------------------------------


def lxml_parser():
    from lxml import etree

    return etree.XMLPullParser(
        events=("end",),
        tag="struct",
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        resolve_entities=False,
        no_network=True,
        collect_ids=False,
    )


def lxml_rows(parser):
    """The rows that *parser* has complete, as a list of Bounces; then it forgets them, all at once.

    A row of nine members, whose values are typed leaves, goes straight from the tree into a Bounce: twice as fast as by
    way of ``bounce_from_struct``, and with nothing checked, as one would write it for documents known to be like that.
    """
    bounces = []
    row = None
    for _, struct in parser.read_events():
        if len(struct) == 9:
            row = struct
            text = {member[0].text: member[1][0].text for member in row}
            bounces.append(
                quick_bounce(
                    ID_SEND,
                    text["EMAIL"] or "",
                    int(text["ID_EMAIL"]),
                    int(text["ID_USER_LIST"]),
                    int(text["ID_SEND_MESSAGE"]),
                    _date(text["DATE"]),
                    text["STATUS"] or "",
                    text["EMAIL_STATUS"] or "",
                    text["BOUNCE_CAT"] or "",
                    text["REASON"] or "",
                    {},
                )
            )
        elif struct.getparent().getparent().tag == "data":  # not one inside of a row
            row = struct
            values = {member[0].text: _lxml_value(member[1]) for member in row}
            bounces.append(bounce_from_struct(values, ID_SEND))
    if row is not None:
        del row.getparent().getparent()[:-1]  # the last one may not be complete
    return bounces


def _lxml_value(value):
    if not len(value):
        return value.text or ""
    typed = value[0]
    text = typed.text or ""
    if typed.tag == "string":
        return text
    if typed.tag == "boolean":
        return text == "1"
    if typed.tag == "struct":
        return {member[0].text: _lxml_value(member[1]) for member in typed}
    if typed.tag == "array":
        return [_lxml_value(item) for item in typed[0]]
    return int(text)


def _strptime(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


_date = getattr(datetime, "fromisoformat", _strptime)  # new in Python 3.7


def _lxml():
    def rows_of(data):
        parser = lxml_parser()
        bounces = []
        for piece in pieces_of(data):
            parser.feed(piece)
            bounces += lxml_rows(parser)
        parser.close()
        return bounces

    return rows_of


# --- expat and json -------------------------------------------------------------------------------------------------


def _expat():
    from xml.parsers import expat

    def scan(data):
        parser = expat.ParserCreate()
        for piece in pieces_of(data):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
        return []

    return scan


def _json_untyped():
    from json import loads

    return loads


def _json():
    structs_of = _json_untyped()
    return lambda data: typed_rows(structs_of(data))


# --- ours -----------------------------------------------------------------------------------------------------------


def _ours(fast):
    def prepare():
        from mailkit_xmlrpc.protocol.calls import BouncesCall
        from mailkit_xmlrpc.protocol.xmlrpc.decoder import getparser
        from mailkit_xmlrpc.protocol.xmlrpc.fast_path import FastPath
        from mailkit_xmlrpc.protocol.xmlrpc.report import ReportReader

        def rows_of(data):
            reader = ReportReader(getparser(), BouncesCall(ID_SEND), fast=FastPath() if fast else None)
            bounces = []
            for piece in pieces_of(data):
                bounces += reader.feed(piece)
            return bounces + reader.close()

        return rows_of

    return prepare


def _ours_in_json():
    from mailkit_xmlrpc.protocol.calls import BouncesCall
    from mailkit_xmlrpc.protocol.json.report import ReportReader

    def rows_of(data):
        reader = ReportReader(BouncesCall(ID_SEND), None)
        bounces = []
        for piece in pieces_of(data):
            bounces += reader.feed(piece)
        return bounces + reader.close()

    return rows_of


PEERS = OrderedDict(
    [
        ("xmlrpc", Peer("xmlrpc.client.loads, typed rows", "xmlrpc.client", "xml", True, _xmlrpc)),
        ("xmlrpc-untyped", Peer("xmlrpc.client.loads alone", "xmlrpc.client", "xml", False, _xmlrpc_untyped)),
        ("defusedxml", Peer("the same patched by defusedxml, typed rows", "defusedxml", "xml", True, _defusedxml)),
        ("lxml", Peer("lxml pull parser, typed rows", "lxml", "xml", True, _lxml, False)),
        ("expat", Peer("expat without handlers, no rows", "xml.parsers.expat", "xml", False, _expat)),
        ("json", Peer("json.loads of the JSON form, typed rows", "json", "json", True, _json)),
        ("json-untyped", Peer("json.loads of the JSON form alone", "json", "json", False, _json_untyped)),
        ("general", Peer("mailkit_xmlrpc's general decoder, typed rows", "mailkit_xmlrpc", "xml", True, _ours(False))),
        ("json-form", Peer("mailkit_xmlrpc, JSON form, typed rows", "mailkit_xmlrpc", "json", True, _ours_in_json)),
        ("fast", Peer("mailkit_xmlrpc, typed rows", "mailkit_xmlrpc", "xml", True, _ours(True))),
    ]
)
