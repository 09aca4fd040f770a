"""Mailkit's bounce report over XML-RPC, as typed rows.

>>> from mailkit_xmlrpc import MailkitClient
>>> client = MailkitClient(client_id=1234567, client_md5="0123456789abcdef0123456789abcdef")
>>> for bounce in client.bounces(123456):  # doctest: +SKIP
...     print(bounce.email, bounce.status, bounce.reason)
"""
import importlib
import logging
import sys
from typing import TYPE_CHECKING

from . import client as _client
from . import exceptions as _exceptions
from . import retry as _retry
from ._version import __version__
from .client import *
from .exceptions import *
from .retry import *

#: Loaded when they are asked for, because many programs never do: each dataclass costs half a millisecond.
_LATER = {
    "Bounce": "bounce",
    "BounceCategory": "vocabulary",
    "BounceKind": "vocabulary",
    "Campaign": "campaign",
    "Combination": "summary",
    "Delivery": "campaign",
    "DomainSummary": "summary",
    "EmailStatus": "vocabulary",
    "EnhancedStatus": "enhanced_status",
    "Outcome": "outcome",
    "PlanRefusedError": "suppression",
    "Rules": "kind",
    "Summary": "summary",
    "Suppression": "suppression",
    "SuppressionPlan": "suppression",
    "Window": "suppression",
    "summarize": "summary",
    "suppressions": "suppression",
}

__all__ = ["__version__"]
__all__ += _client.__all__
__all__ += _exceptions.__all__
__all__ += _retry.__all__
__all__ += sorted(_LATER)

if TYPE_CHECKING:
    from .bounce import *
    from .campaign import *
    from .enhanced_status import *
    from .kind import *
    from .outcome import *
    from .summary import *
    from .suppression import *
    from .vocabulary import *
else:  # not for type checkers, to which it would mean that every name is there

    def __getattr__(name):
        if name not in _LATER:
            raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
        value = getattr(importlib.import_module("." + _LATER[name], __name__), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted(set(globals()) | set(_LATER))

    if sys.version_info < (3, 7):  # before PEP 562 nobody asks  # pragma: no cover (Python 3.6)
        for _name in _LATER:
            __getattr__(_name)

logging.getLogger(__name__).addHandler(logging.NullHandler())
