"""Small reports with one odd or fatal thing each, everywhere it can stand: what chance might leave out.

The thing stands in the first row, which the fast lane takes apart, or in the third, for which it has an expression by
then. A plain row follows.
"""
import re

from odd_parts import FATAL_ROWS, FATAL_TEXTS, FATAL_VALUES, ODD_DATES, ODD_IDS, ODD_ROWS, ODD_TEXTS, ODD_VALUES
from odd_parts import EMAIL, HEAD, REFERENCES, TAIL

PLAIN = (
    "<value><struct>"
    "<member><name>EMAIL</name><value><string>\u010d{0}@example.com</string></value></member>"
    "<member><name>ID_EMAIL</name><value><int>{0}</int></value></member>"
    "<member><name>ID_USER_LIST</name><value><string>0{0}</string></value></member>"
    "<member><name>DATE</name><value><string>2014-12-23 12:36:0{0}</string></value></member>"
    "<member><name>STATUS</name><value>0{0}</value></member>"
    "<member><name>BOUNCE_CAT</name><value><i4>-0{0}</i4></value></member>"
    "<member><name>REASON</name><value><double>5.{0}0</double></value></member>"
    "<member><name>X</name><value><i8>{0}</i8></value></member>"
    "<member><name>Y</name><value>00{0}</value></member>"
    "<member><name>Z</name><value><nil/></value></member>"
    "</struct></value>"
)
_LOOSE = re.compile("(?<=>)(?=<)(?!</(?:string|name)>)")
_WRONG_GAPS = (
    "x", "]", ">", "\u00a0", "\u2003", "\ufeff", "\x0b", "\x0c", "\x1c", "\x85", "&#32;", "<!---->", "<![CDATA[ ]]>",
    "<?p?>",
)  # fmt: skip


#: less of it, for damage to the tags
SHORT = (
    "<value><struct><member><name>EMAIL</name><value><string>{0}</string></value></member>"
    "<member><name>STATUS</name><value>0{0}</value></member><member><name>Z</name><value><nil/></value></member>"
    "</struct></value>"
)


def _report(odd, place, loose=False, last="", plain=PLAIN):
    rows = [plain.format(number) for number in range(1, place + 2)]
    rows.insert(place, odd)
    whole = HEAD + "".join(rows) + last + TAIL
    if loose and "<!" not in whole and "<?" not in whole:
        whole = _LOOSE.sub("\n ", whole)
    return whole.encode("utf-8", "surrogatepass")


def _with(name, inside):
    """A plain row but for what stands in the value tags of the member *name*."""
    start, rest = PLAIN.format(7).split("<name>" + name + "</name><value>")
    return "{}<name>{}</name><value>{}{}".format(start, name, inside, rest[rest.index("</value>") :])


def odd_values():
    """Every odd or fatal text and value, and every reference, in members of every reader."""
    for inside in ODD_TEXTS + REFERENCES + FATAL_TEXTS:
        yield _with("EMAIL", "<string>{}</string>".format(inside))
        yield _with("EMAIL", "<string>a{}b</string>".format(inside))
        yield _with("Y", inside)
    for inside in ODD_IDS + ODD_TEXTS[:4]:
        for form in ("<string>{}</string>", "<int>{}</int>", "<double>{}.5</double>", "{}"):
            yield _with("ID_EMAIL", form.format(inside))
            yield _with("BOUNCE_CAT", form.format(inside))
            yield _with("X", form.format(inside))
    for inside in ODD_DATES:
        yield _with("DATE", "<string>{}</string>".format(inside))
        yield _with("DATE", inside)
    for inside in ODD_VALUES + FATAL_VALUES:
        for name in ("EMAIL", "ID_EMAIL", "DATE", "X") if inside in ODD_VALUES else ("EMAIL", "X"):
            yield _with(name, inside)


def odd_rows():
    """Every odd or fatal row; a plain one with each of its tags damaged, and something wrong in each of its gaps."""
    for row in ODD_ROWS + FATAL_ROWS:
        yield row
    plain = SHORT.format(7)
    members = re.findall("<member>.*?</member>", plain)
    for one in members:
        for other in members:  # as many as in a plain row, but not the same ones
            yield plain.replace(one, other)
            yield plain.replace(one, other + one)
    for match in re.finditer("<(/?)([A-Za-z_0-9]+)(/?)>", plain):
        tag = match.group()
        slash, name = match.group(1), match.group(2)
        for other in (
            "", tag + tag, "<{}{} >".format(slash, name), "<{}{}x>".format(slash, name), "<{}X{}>".format(slash, name),
            "<{}{}>".format("" if slash else "/", name), tag.upper(), tag[:-1], tag[1:], "<{}{}\n>".format(slash, name),
            "<{}{} a='b'>".format(slash, name), "<{}/>".format(name), "< {}{}>".format(slash, name), "</x>", "<x>",
        ):  # fmt: skip
            if other != tag:
                yield plain[: match.start()] + other + plain[match.end() :]
    for match in re.finditer("(?<=>)(?=<)", plain):
        for gap in _WRONG_GAPS:
            yield plain[: match.start()] + gap + plain[match.start() :]


def encoded():
    """Texts that are UTF-8 behind a declaration that says otherwise, or that are not."""
    for encoding in ("us-ascii", "iso-8859-2", "windows-1250", "utf-8", "UTF-8"):
        head = "<?xml version='1.0' encoding='{}'?>".format(encoding).encode()
        yield head + _report("", 0)
        for wrong in (b"\xed\xa0\x80", b"\xc0\x80", b"\xff", b"\xc4", b"\xf5\x80\x80\x80", b"\xef\xbf\xbe"):
            yield head + _report("", 0).replace("\u010d3".encode("utf-8"), wrong)


def mixed():
    """Rows of the same members in another order, with types that change places; more kinds than are remembered."""
    row = "<value><struct><member><name>{}</name><value><{}>05</{}></value></member>{}</struct></value>".format
    other = "<member><name>{}</name><value><{}>6</{}></value></member>".format
    rows = [
        row(one, first, first, other(two, second, second))
        for first, second in (("string", "int"), ("int", "string"), ("i4", "string"), ("i8", "i8"))
        for one, two in (("EMAIL", "X"), ("X", "EMAIL"))
    ]
    yield _report("".join(rows + [row(*parts) for parts in [("EMAIL", "int", "int", "")] * 3] + rows[::-1]), 2)
    yield _report("".join(each * 3 for each in rows), 1)
    yield _report("".join(each for first in rows for second in rows for each in (first, second)), 1)
    for number in range(3):
        yield _report(EMAIL.join(["<value><struct>", "</struct></value>"]) * number, 5)


def beginnings():
    """Reports whose first ``<data>`` is not where the rows begin, or stands in something else."""
    row = SHORT.format(1)
    nested = "<member><name>L</name><value><array><data>{}</data></array></value></member>"
    nested = "<value><struct>" + EMAIL + nested + "</struct></value>"
    comments = "<!-- <data> --><data>", "<?p <data>?><data>", "<data><!-- <data> -->"
    for data in ("<data>", "<data a='b'>", "<data >") + comments:
        head = HEAD.replace("<data>", data)
        for rows in (
            row * 2, "<value/><x><data>", row + "<value/><x><data>", nested.format("<value/>") + row,
            nested.format(row) + "<value/>", "<value><struct/></value>" + nested.format(row),
            "<![CDATA[<data>" + row + "]]>" + row, "x<data>" + row,
        ):  # fmt: skip
            yield (head + rows + TAIL).encode("utf-8")
            yield ("<?xml version='1.0' encoding='utf-16'?>" + head + rows).encode("utf-16")[:-2] + b"<data>"
    for answer in ("<fault><value><array><data>{}</data></array></value></fault>", "<params><data>{}</data></params>"):
        yield "<methodResponse>{}</methodResponse>".format(answer.format(row)).encode("utf-8")


def counted():
    """An error behind rows of all kinds, which tells the number of its row or of its byte."""
    for row in ODD_ROWS + (SHORT.format(7), PLAIN.format(7), PLAIN.format(7) * 3):
        for last in ("<value/>", "</value>", EMAIL, "\u010d&#1;", "<value><struct>" + EMAIL * 2 + "</struct></value>"):
            yield _report(row, 0, last=last)
            yield _report(row, 2, last=last)


def reports(rows, plain=PLAIN):
    """Reports with each of *rows* in two places; white space between all tags in one of them."""
    for number, row in enumerate(rows):
        yield _report(row, 0, loose=number % 2 == 1, plain=plain)
        yield _report(row, 2, loose=number % 2 == 0, plain=plain)


def documents():
    """All of them."""
    yield from reports(odd_values())
    yield from reports(odd_rows(), SHORT)
    yield from mixed()
    yield from beginnings()
    yield from encoded()
    yield from counted()
