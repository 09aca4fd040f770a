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

from . import exceptions as _exceptions
from ._version import __version__
from .client import client as _client
from .client import retry as _retry
from .client.client import *
from .client.retry import *
from .exceptions import *

#: Loaded when they are asked for, because many programs never do: each dataclass costs half a millisecond.
_LATER = {
    "Bounce": "model.records",
    "BounceCategory": "model.vocabulary",
    "BounceKind": "model.vocabulary",
    "Campaign": "model.records",
    "Combination": "analysis.summary",
    "Delivery": "model.records",
    "DomainSummary": "analysis.summary",
    "EmailStatus": "model.vocabulary",
    "EnhancedStatus": "model.enhanced_status",
    "Outcome": "model.records",
    "PlanRefusedError": "analysis.suppression",
    "Rules": "model.rules",
    "Summary": "analysis.summary",
    "Suppression": "analysis.suppression",
    "SuppressionPlan": "analysis.suppression",
    "Window": "analysis.arguments",
    "report_html": "report.page",
    "summarize": "analysis.summary",
    "suppressions": "analysis.suppression",
    "to_arrow": "model.arrow",
}

__all__ = ["__version__"]
__all__ += _client.__all__
__all__ += _exceptions.__all__
__all__ += _retry.__all__
__all__ += sorted(_LATER)

if TYPE_CHECKING:
    from .analysis.arguments import *
    from .analysis.summary import *
    from .analysis.suppression import *
    from .model.arrow import *
    from .model.enhanced_status import *
    from .model.records import *
    from .model.rules import *
    from .model.vocabulary import *
    from .report.page import *
else:
    # Not for type checkers, to which it would mean that every name is there.

    def __getattr__(name):
        if name not in _LATER:
            raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
        value = getattr(importlib.import_module("." + _LATER[name], __name__), name)
        globals()[name] = value
        return value

    def __dir__():
        rooms = (name for name in globals() if "{}.{}".format(__name__, name) in sys.modules)
        return sorted(set(__all__).union(name for name in rooms if not name.startswith("_")))

    # Before PEP 562 nobody asks a module for __getattr__.
    if sys.version_info < (3, 7):  # pragma: no cover (coverage is measured on 3.11; the suite runs this on 3.6)
        for _name in _LATER:
            __getattr__(_name)

logging.getLogger(__name__).addHandler(logging.NullHandler())
