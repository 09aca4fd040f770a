"""Objects that are one in each process, however often their pickles arrive there."""

import os
import weakref
from typing import Dict, Tuple, Type, TypeVar

_Object = TypeVar("_Object", bound="Once")


class Once:
    """The pickles of one object become one object in each process: in its own the object itself, elsewhere a new one.

    That which arrived last is kept alive until another one of its class arrives: a worker may have none at times.

    :param state: with what the class makes the object elsewhere; plain data, or what can be pickled
    """

    def __init__(self, state: Tuple[object, ...], name: str = "") -> None:
        self._name = name or os.urandom(16).hex()
        self._state = state
        _here[self._name] = self

    def __reduce__(self) -> "Tuple[object, Tuple[object, ...]]":
        return _arrived, (type(self), self._name, self._state)


_here: "weakref.WeakValueDictionary[str, Once]" = weakref.WeakValueDictionary()
_latest: Dict[type, Once] = {}


def _arrived(cls: Type[_Object], name: str, state: Tuple[object, ...]) -> _Object:
    one = _here.get(name) or cls(*state, name=name)  # type: ignore[arg-type, misc]  # as it takes them
    # Of two threads that come here first, the object of one is kept.
    one = _here.setdefault(name, one)
    _latest[type(one)] = one
    return one  # type: ignore[return-value]  # a name is of one class only
