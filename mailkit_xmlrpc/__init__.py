"""Mailkit's bounce report over XML-RPC, as typed rows.

>>> from mailkit_xmlrpc import MailkitClient
>>> client = MailkitClient(client_id=1234567, client_md5="0123456789abcdef0123456789abcdef")
>>> for bounce in client.bounces(123456):  # doctest: +SKIP
...     print(bounce.email, bounce.status, bounce.reason)
"""
import logging

from . import bounce as _bounce
from . import campaign as _campaign
from . import client as _client
from . import enhanced_status as _enhanced_status
from . import exceptions as _exceptions
from . import kind as _kind
from . import outcome as _outcome
from . import retry as _retry
from . import summary as _summary
from . import suppression as _suppression
from . import vocabulary as _vocabulary
from ._version import __version__
from .bounce import *
from .campaign import *
from .client import *
from .enhanced_status import *
from .exceptions import *
from .kind import *
from .outcome import *
from .retry import *
from .summary import *
from .suppression import *
from .vocabulary import *

__all__ = ["__version__"]
__all__ += _client.__all__
__all__ += _bounce.__all__
__all__ += _campaign.__all__
__all__ += _vocabulary.__all__
__all__ += _outcome.__all__
__all__ += _enhanced_status.__all__
__all__ += _kind.__all__
__all__ += _summary.__all__
__all__ += _suppression.__all__
__all__ += _retry.__all__
__all__ += _exceptions.__all__

logging.getLogger(__name__).addHandler(logging.NullHandler())
