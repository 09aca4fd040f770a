"""What can happen to an answer on its way: damage done to its bytes, and any pieces that it comes in."""

SNIPPETS = (
    b"<member>",
    b"</member>",
    b"<value>",
    b"</value>",
    b"<struct>",
    b"</struct>",
    b"</struct></value>",
    b"<data>",
    b"</data>",
    b"<name>",
    b"</name>",
    b"<string>",
    b"</string>",
    b"<int>",
    b"</int>",
    b"<nil/>",
    b"<double>",
    b"<i8>",
    b"<array>",
    b"</array>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"?>",
    b">",
    b"<",
    b"/",
    b"&",
    b"&amp;",
    b"&#13;",
    b"&#x",
    b";",
    b"\r",
    b"\r\n",
    b"\n",
    b" ",
    b"\t",
    b"\0",
    b"\x0b",
    b"\x0c",
    b"\x1f",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbf\xbe",
    b"\xef\xbf\xbf",
    b"\xc2\xa0",
    b"\xe2\x80\x83",
    b"_",
    b"-",
    b"\xef\xbb\xbf",
    b"\xd9\xa5",
    b"EMAIL",
    b"email",
    b"DATE",
    b"5",
    b"'",
    b'"',
    b"=",
)


def _slice(random, length, most=200):
    start = random.randrange(length + 1)
    return start, min(length, start + random.choice((1, 1, 2, 5, 20, most)))


def mutated(random, body, other=b""):
    """*body* with some damage done to its bytes; *other* is a document that a splice goes on with."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        start, end = _slice(random, len(body))
        kind = random.randrange(9)
        if kind == 0 and body:  # flip a bit
            at = random.randrange(len(body))
            body = body[:at] + bytes([body[at] ^ 1 << random.randrange(8)]) + body[at + 1 :]
        elif kind == 1:  # another byte
            body = body[:start] + bytes([random.randrange(256)]) + body[start + 1 :]
        elif kind == 2 or kind == 3:  # something that matters, between or instead of what is there
            body = body[:start] + random.choice(SNIPPETS) + body[start if kind == 2 else end :]
        elif kind == 4:
            body = body[:start] + body[end:]
        elif kind == 5:  # twice
            body = body[:end] + body[start:]
        elif kind == 6:  # swap two slices
            second, last = _slice(random, len(body))
            if end <= second:
                body = body[:start] + body[second:last] + body[end:second] + body[start:end] + body[last:]
        elif kind == 7:  # one byte less
            body = body[:start] + body[start + 1 :]
        elif other:
            body = body[:start] + other[random.randrange(len(other)) :]
    return body


def pieces(random, body):
    """*body* cut at any places: into equal pieces, into a few, or into pieces of any sizes."""
    kind = random.randrange(3)
    if kind == 0:
        size = random.choice((1, 2, 3, 7, 64, 1000, 65536))
        if len(body) // size > 2000:
            size = 1000
        return [body[at : at + size] for at in range(0, len(body), size)]
    if kind == 1:
        cuts = sorted(random.randrange(len(body) + 1) for _ in range(random.randrange(1, 5)))
    else:
        cuts, at = [], 0
        while at < len(body):
            at += random.choice((1, 5, 30, 300, 3000))
            cuts.append(at)
    return [body[start:end] for start, end in zip([0] + cuts, cuts + [len(body)])]
