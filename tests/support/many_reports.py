"""What the tests of ``iter_many()`` share: a client of a server, refusals, the addresses of an outcome."""

from mailkit_xmlrpc import MailkitClient
from tests.support.account import MD5

REFUSED = b'{"error_status": 1, "error": "Unauthorized"}'
INVALID = b'{"error_status": 1, "error": "Invalid ID_send"}'


def client_of(server, **options):
    options = dict({"retry": None, "timeout": 20, "deadline": 60, "proxy": "", "protocol": "json"}, **options)
    return MailkitClient(1234567, MD5, url=server.url, **options)


def emails(outcome):
    return [bounce.email for bounce in outcome.unwrap()]
