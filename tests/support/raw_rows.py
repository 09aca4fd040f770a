"""Raw rows, written down and made into Bounces."""

from mailkit_xmlrpc.protocol.columns import SHARED
from mailkit_xmlrpc.protocol.fields import MEMBERS, read_id
from mailkit_xmlrpc.protocol.xmlrpc.raw_columns import INTS, RawWords, bounces_of

ID_SEND = 123456


def inside(kind, text):
    """What stands in the tags of a value."""
    return "<{0}>{1}</{0}>".format(kind, text) if kind else text


def raw_row(*members, usual_id=None):
    """The raw row of *members*: (name, raw value); those that are not documented are in slots.

    :param usual_id: the usual type of ids, that of other members is string; None: nothing has its usual type
    """
    row = []
    for member in MEMBERS:
        raw = dict(members).get(member.name, "")
        if member.name in SHARED:
            row.append(raw)
            continue
        begin, end = inside(usual_id if member.read is read_id else "string", " ").split(" ")
        if usual_id and raw.startswith(begin):
            row += [raw[len(begin) : -len(end)], ""]
        else:
            row += ["", raw]
    names = [member.name for member in MEMBERS]
    for name, raw in members:
        if name not in names:
            row += [name, raw]
    return tuple(each.encode("utf-8") for each in row)


def uniform_row(*members):
    """The raw row of *members*, (name, text), that has nothing but what is inside of the usual tags."""
    return tuple(dict(members).get(member.name, "").encode("utf-8") for member in MEMBERS)


def quickly(*rows, tz=None):
    """The Bounces of *rows*, each of members as for ``raw_row``, in one batch; the same whatever type is usual."""
    bounces = bounces_of([raw_row(*row) for row in rows], ID_SEND, tz, RawWords())
    for usual_id in ("string",) + INTS:
        others = bounces_of([raw_row(*row, usual_id=usual_id) for row in rows], ID_SEND, tz, RawWords())
        assert list(map(repr, others)) == list(map(repr, bounces))
    return bounces
