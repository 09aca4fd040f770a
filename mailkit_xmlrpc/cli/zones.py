"""The time zone of ``--tz``, by its name in the tz database: ``Europe/Prague``."""

import argparse
from datetime import tzinfo
from importlib import import_module
from types import ModuleType


def time_zone(text: str) -> tzinfo:
    """Read the name of a time zone.

    :raises argparse.ArgumentTypeError: there is none of this name, or this Python knows no time zones
    """
    module = _zoneinfo()
    try:
        zone: tzinfo = module.ZoneInfo(text)
        return zone
    # What is no name (../x) is a ValueError; a folder of names (Europe) is an OSError; an unknown name is a KeyError.
    except (KeyError, OSError, ValueError):
        pass
    if not module.available_timezones():
        raise argparse.ArgumentTypeError("this machine has no list of time zones: pip install tzdata")
    raise argparse.ArgumentTypeError("a time zone looks like Europe/Prague or UTC")


def _zoneinfo() -> ModuleType:
    """Return the module that knows time zones: the standard library's since Python 3.9, else its backport."""
    for name in ("zoneinfo", "backports.zoneinfo"):
        try:
            return import_module(name)
        except ImportError:
            pass
    raise argparse.ArgumentTypeError("before Python 3.9, time zones need a package: pip install backports.zoneinfo")
