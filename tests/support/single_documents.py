"""Small reports with one irregular or fatal thing each, everywhere it can stand: what chance might leave out.

The thing stands in the first row, which the fast path takes apart, or in the third, for which it has an expression by
then. A regular row follows.
"""

import re

from tests.support.irregular_rows import EMAIL, FATAL_ROWS, HEAD, IRREGULAR_ROWS, TAIL
from tests.support.irregular_values import (
    FATAL_TEXTS,
    FATAL_VALUES,
    IDS,
    IRREGULAR_DATES,
    IRREGULAR_IDS,
    IRREGULAR_TEXTS,
    IRREGULAR_VALUES,
    NAMES,
    REFERENCES,
)

REGULAR = (
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
    "x",
    "]",
    ">",
    "\u00a0",
    "\u2003",
    "\ufeff",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "&#32;",
    "<!---->",
    "<![CDATA[ ]]>",
    "<?p?>",
)


#: less of it, for damage to the tags
SHORT = (
    "<value><struct><member><name>EMAIL</name><value><string>{0}</string></value></member>"
    "<member><name>STATUS</name><value>0{0}</value></member><member><name>Z</name><value><nil/></value></member>"
    "</struct></value>"
)


def _report(irregular, place, loose=False, last="", regular=REGULAR):
    rows = [regular.format(number) for number in range(1, place + 2)]
    rows.insert(place, irregular)
    whole = HEAD + "".join(rows) + last + TAIL
    if loose and "<!" not in whole and "<?" not in whole:
        whole = _LOOSE.sub("\n ", whole)
    return whole.encode("utf-8", "surrogatepass")


def _with(name, inside):
    """A regular row but for what stands in the value tags of the member *name*."""
    start, rest = REGULAR.format(7).split("<name>" + name + "</name><value>")
    return "{}<name>{}</name><value>{}{}".format(start, name, inside, rest[rest.index("</value>") :])


def irregular_values():
    """Every irregular or fatal text and value, and every reference, in members of every reader."""
    for inside in IRREGULAR_TEXTS + REFERENCES + FATAL_TEXTS:
        yield _with("EMAIL", "<string>{}</string>".format(inside))
        yield _with("EMAIL", "<string>a{}b</string>".format(inside))
        yield _with("Y", inside)
    for inside in IRREGULAR_IDS + IRREGULAR_TEXTS[:4]:
        for form in ("<string>{}</string>", "<int>{}</int>", "<double>{}.5</double>", "{}"):
            yield _with("ID_EMAIL", form.format(inside))
            yield _with("BOUNCE_CAT", form.format(inside))
            yield _with("X", form.format(inside))
    for inside in IRREGULAR_DATES:
        yield _with("DATE", "<string>{}</string>".format(inside))
        yield _with("DATE", inside)
    for inside in IRREGULAR_VALUES + FATAL_VALUES:
        for name in ("EMAIL", "ID_EMAIL", "DATE", "X") if inside in IRREGULAR_VALUES else ("EMAIL", "X"):
            yield _with(name, inside)


def irregular_rows():
    """Every irregular or fatal row; a regular one with each of its tags damaged, and something wrong in each gap."""
    for row in IRREGULAR_ROWS + FATAL_ROWS:
        yield row
    regular = SHORT.format(7)
    members = re.findall("<member>.*?</member>", regular)
    for one in members:
        for other in members:  # as many as in a regular row, but not the same ones
            yield regular.replace(one, other)
            yield regular.replace(one, other + one)
    for match in re.finditer("<(/?)([A-Za-z_0-9]+)(/?)>", regular):
        tag = match.group()
        slash, name = match.group(1), match.group(2)
        for other in (
            "",
            tag + tag,
            "<{}{} >".format(slash, name),
            "<{}{}x>".format(slash, name),
            "<{}X{}>".format(slash, name),
            "<{}{}>".format("" if slash else "/", name),
            tag.upper(),
            tag[:-1],
            tag[1:],
            "<{}{}\n>".format(slash, name),
            "<{}{} a='b'>".format(slash, name),
            "<{}/>".format(name),
            "< {}{}>".format(slash, name),
            "</x>",
            "<x>",
        ):
            if other != tag:
                yield regular[: match.start()] + other + regular[match.end() :]
    for match in re.finditer("(?<=>)(?=<)", regular):
        for gap in _WRONG_GAPS:
            yield regular[: match.start()] + gap + regular[match.start() :]


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
    spaced = "<value><struct><member><name>EMAIL</name><value>{}</value></member></struct></value>"
    inside = (" <string>a</string> ", " b ", "c", " <nil/> ", "  ", " <int>5</int>", "<string> d </string>")
    yield _report("".join(map(spaced.format, inside)), 0, regular=spaced.format(inside[0]))
    yield _report(_with("EMAIL", "<base64>/w==</base64>"), 2)  # no text, behind rows of the usual type
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
            row * 2,
            "<value/><x><data>",
            row + "<value/><x><data>",
            nested.format("<value/>") + row,
            nested.format(row) + "<value/>",
            "<value><struct/></value>" + nested.format(row),
            "<![CDATA[<data>" + row + "]]>" + row,
            "x<data>" + row,
        ):
            yield (head + rows + TAIL).encode("utf-8")
            yield ("<?xml version='1.0' encoding='utf-16'?>" + head + rows).encode("utf-16")[:-2] + b"<data>"
    for answer in ("<fault><value><array><data>{}</data></array></value></fault>", "<params><data>{}</data></params>"):
        yield "<methodResponse>{}</methodResponse>".format(answer.format(row)).encode("utf-8")


def counted():
    """An error behind rows of all kinds, which tells the number of its row or of its byte."""
    for row in IRREGULAR_ROWS + (SHORT.format(7), REGULAR.format(7), REGULAR.format(7) * 3):
        for last in ("<value/>", "</value>", EMAIL, "\u010d&#1;", "<value><struct>" + EMAIL * 2 + "</struct></value>"):
            yield _report(row, 0, last=last)
            yield _report(row, 2, last=last)


def uniform():
    """Rows of the nine members with one type each: two, and one with a tag damaged, or with another type."""
    row = "<value><struct>{}</struct></value>".format(
        "".join(
            "<member><name>{0}</name><value><{1}>{2}</{1}></value></member>".format(
                name, "int" if name in IDS else "string", "5" if name in IDS else "" if name == "DATE" else "a"
            )
            for name in NAMES
        )
    )
    for match in re.finditer("<(/?)([A-Za-z_0-9]+)>", row):
        for other in ("", "<{}X>".format(match.group(2)), "</int>", "<i4>"):
            broken = row[: match.start()] + other + row[match.end() :]
            yield _report(broken, 2, regular=row)
    for kind in ("string", "i8", "double"):
        yield _report(row.replace("<int>", "<{}>".format(kind)).replace("</int>", "</{}>".format(kind)), 2, regular=row)
        yield _report(row.replace("string>", "{}>".format(kind)).replace(">a<", ">5<"), 2, regular=row)
    yield _report(
        row.replace("<member><name>STATUS</name><value><string>a</string></value></member>", ""), 2, regular=row
    )


def reports(rows, regular=REGULAR):
    """Reports with each of *rows* in two places; white space between all tags in one of them."""
    for number, row in enumerate(rows):
        yield _report(row, 0, loose=number % 2 == 1, regular=regular)
        yield _report(row, 2, loose=number % 2 == 0, regular=regular)


def documents():
    """All of them."""
    yield from reports(irregular_values())
    yield from reports(irregular_rows(), SHORT)
    yield from mixed()
    yield from beginnings()
    yield from encoded()
    yield from counted()
    yield from uniform()
