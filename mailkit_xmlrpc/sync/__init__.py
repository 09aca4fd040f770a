"""The nightly job: the bounces of the last weeks, kept in the user's own database. Public: ``mailkit_xmlrpc.sync``.

The room stands above ``client``. What belongs here: which deliveries to ask about, how rows are compared with those
that the database has, and how they get there and back. What may not come in: arguments of a command line, text for a
terminal. SQLAlchemy (the extra ``sync``) is imported when ``sync()`` or ``read_bounces()`` is called, not before;
``sync.sqlite`` works without it.
"""

from .job import sync
from .reading import StoredBounces, StoredDelivery, read_bounces, read_deliveries
from .result import Failure, SyncResult

__all__ = ["Failure", "StoredBounces", "StoredDelivery", "SyncResult", "read_bounces", "read_deliveries", "sync"]

# The public place, which stays when a module moves.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc.sync"
