"""A body of a response, as a protocol is given it."""

from mailkit_xmlrpc.protocol.encoding import Body

HEAD = 1 << 12


def body_of(data, content_type="", size=1 << 16):
    """*data* as the body of a response with that Content-Type, in pieces of *size* bytes."""
    return HeldBody(content_type, data, size)


class HeldBody(Body):
    """A body in memory, in pieces of *step* bytes."""

    def __init__(self, content_type, data, step):
        super().__init__(content_type, len(data), data[:HEAD])
        self._pieces = cut(data, step)

    def pieces(self):
        return iter(self._pieces)


def cut(data, size):
    """*data*, bytes or text, in pieces of that size."""
    return [data[at : at + size] for at in range(0, len(data), size)]
