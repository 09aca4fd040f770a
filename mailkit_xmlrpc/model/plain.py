"""Values of ``extra`` as JSON can say them, and back.

Bytes are ``{"$bytes": "<base64>"}``. A member that has this name of its own, with any number of dollars, gets one more.
"""

import base64
import re

_MARK = re.compile(r"\$+bytes")
_MARKED = re.compile(r"\${2,}bytes")


def marked(value: object) -> object:
    """Return *value* with bytes marked as such, ready for ``json.dumps``."""
    if isinstance(value, dict):
        return {"$" + name if _MARK.fullmatch(name) else name: marked(item) for name, item in value.items()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    return [marked(item) for item in value] if isinstance(value, list) else value


def unmarked(value: object) -> object:
    """Return what :func:`marked` was given.

    :raises ValueError: what is marked as bytes is no base64
    """
    if isinstance(value, dict):
        if list(value) == ["$bytes"] and isinstance(value["$bytes"], str):
            return base64.b64decode(value["$bytes"], validate=True)
        return {name[1:] if _MARKED.fullmatch(name) else name: unmarked(item) for name, item in value.items()}
    return [unmarked(item) for item in value] if isinstance(value, list) else value
