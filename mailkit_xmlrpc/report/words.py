"""The words of the page in a language: translations, numbers, shares, dates.

Catalogues are gettext's: ``locale/cs/LC_MESSAGES/page.po`` is written by hand, ``page.mo`` beside it is made from it by
``python tools/catalogue.py``. Templates are English texts with ``{names}``; a test finds them all.
"""

import gettext
import os
import re
from datetime import datetime
from typing import Union

from ..analysis.counting import percent
from ..exceptions import ConfigurationError

LANGUAGES = ("en", "cs")
DOMAIN = "page"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")

_NARROW = "\u00a0"  # a space that does not break, between thousands
_HOUR = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}))?")


def marked(text: str) -> str:
    """Return *text*; it is a template that is translated where it is used."""
    return text


class Words:
    """What a page says, in *lang*.

    :raises ConfigurationError: the language is not one of LANGUAGES
    """

    def __init__(self, lang: str = "en") -> None:
        if lang not in LANGUAGES:
            raise ConfigurationError("lang must be one of {}".format(", ".join(LANGUAGES)))
        self.lang = lang
        self._catalogue: gettext.NullTranslations = gettext.NullTranslations()
        if lang != "en":
            self._catalogue = gettext.translation(DOMAIN, FOLDER, [lang])

    def text(self, template: str, **values: object) -> str:
        """Return *template* in the language, with *values* in it."""
        return self._catalogue.gettext(template).format(**values)

    def plural(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form for *number*, which stands in it as ``{n}``."""
        return self._catalogue.ngettext(one, many, number).format(n=self.number(number), **values)

    def number(self, value: int) -> str:
        """Return *value* with its thousands parted."""
        text = "{:,}".format(value)
        return text if self.lang == "en" else text.replace(",", _NARROW)

    def percent(self, count: int, total: int) -> str:
        """Return *count* as a share of *total*."""
        text = percent(count, total).replace(" ", _NARROW)
        return text if self.lang == "en" else text.replace(".", ",")

    def moment(self, value: Union[datetime, str]) -> str:
        """Return a date, or an hour or a day of a Summary, as people write it; any other text as it is."""
        text = value if isinstance(value, str) else value.isoformat()
        found = _HOUR.match(text)
        if found is None:
            return text
        year, month, day, hour = found.groups()
        minute = "00" if isinstance(value, str) else text[14:16]
        time = "" if hour is None else " {}:{}".format(hour, minute)
        if self.lang == "en":
            return "{}-{}-{}{}".format(year, month, day, time)
        return "{}. {}. {}{}".format(int(day), int(month), year, time).replace(". ", "." + _NARROW)


ENGLISH = Words()
