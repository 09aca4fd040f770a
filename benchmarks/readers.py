"""The readers whose memory ``memory.py`` measures; run as a script, it is the process that one of them has to itself.

Nothing is imported here that the package does not import, so that the process is idle before the reader begins.
"""

import os
import sys
from collections import OrderedDict, namedtuple

import mailkit_xmlrpc

ID_SEND = 123456
CLIENT_ID, CLIENT_MD5 = 1234567, "0123456789abcdef0123456789abcdef"


def _client(url):
    # A million documented rows are longer than the default allows, and the server takes its time to make them up.
    limits = {"timeout": 3600, "deadline": None, "max_response_bytes": 1 << 40}
    return mailkit_xmlrpc.MailkitClient(CLIENT_ID, CLIENT_MD5, url=url, proxy="", **limits)


def _iterated(url):
    with _client(url) as client:
        return sum(1 for _ in client.iter_bounces(ID_SEND))


def _listed(url):
    with _client(url) as client:
        return len(client.bounces(ID_SEND))


def _response(url):
    """What answers a POST, by http.client (urllib would ask the environment for a proxy)."""
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    connection = HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", urlsplit(url).path, b"")
    return connection.getresponse()


def _loaded(url):
    import xmlrpc.client

    from peers import typed_rows

    return len(typed_rows(xmlrpc.client.loads(_response(url).read())[0][0]))


def _pulled(url):
    from peers import PIECE, lxml_parser, lxml_rows

    parser = lxml_parser()
    response = _response(url)
    rows = 0
    for piece in iter(lambda: response.read(PIECE), b""):
        parser.feed(piece)
        rows += len(lxml_rows(parser))
    parser.close()
    return rows


#: label, module that must be installed, function: URL -> number of rows
Reader = namedtuple("Reader", "label module read")
READERS = OrderedDict(
    [
        ("iter", Reader("mailkit_xmlrpc, iter_bounces()", "mailkit_xmlrpc", _iterated)),
        ("list", Reader("mailkit_xmlrpc, bounces(): a list", "mailkit_xmlrpc", _listed)),
        ("xmlrpc", Reader("xmlrpc.client.loads, typed rows in a list", "xmlrpc.client", _loaded)),
        ("lxml", Reader("lxml pull parser, typed rows one by one", "lxml", _pulled)),
    ]
)


def peak():
    """Bytes of physical memory that this process had at most."""
    try:
        with open("/proc/self/status", "rb") as file:  # Linux; its ru_maxrss may be the parent's, from before exec
            for line in file:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return maxrss if sys.platform == "darwin" else maxrss * 1024


def main(key, url):
    """Print the number of rows, and the bytes of the peak above the idle interpreter."""
    idle = peak()
    _limit_memory()
    rows = READERS[key].read(url)
    print(rows, peak() - idle)


def _limit_memory():
    """Rather a MemoryError here than a machine that kills something else."""
    try:
        import resource

        available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (available * 9 // 10, resource.RLIM_INFINITY))
    except (ImportError, ValueError, OSError):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
