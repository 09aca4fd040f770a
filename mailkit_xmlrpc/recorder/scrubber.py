"""An answer becomes one of the same form that tells nothing about a person. Pure."""

import re
from base64 import b64encode
from binascii import a2b_base64
from typing import Callable, Collection, List, Match, Set, Tuple

from ..exceptions import ConfigurationError
from ..exceptions.boundary import raised_by_caller
from .decoded import Decoded, decoded
from .documents import COMMENT, MARKUP, NAME, NUMBER, Value, change_of
from .leaks import MIN_LENGTH, leak_in
from .pseudonyms import Pseudonyms
from .tokens import tells

#: members whose values are words of a vocabulary, or numbers that say what an answer is
KEPT = frozenset(("STATUS", "BOUNCE_CAT", "EMAIL_STATUS", "ERROR_STATUS", "FAULTCODE"))

_TRIES = 8  # with other pseudonyms, where by chance one of them is an original
_IDS = "email|mailing_list|message|send|user_list"
_REFUSAL = re.compile(r"\s*(?:Unauthorized|Disallowed IP|(?:Missing|Invalid) ID_(?:%s)|OK)(?=\s|\Z)" % _IDS)
_OF_REFUSALS = frozenset(("ERROR", "FAULTSTRING"))
_OF_DOUBLES = ("double", NUMBER)
_EXPONENT = re.compile(r"[0-9.][eE][+-]?[0-9]+\Z")
_NOT_FINITE = frozenset(("nan", "inf", "infinity"))
# Tags in a comment are of the form, too.
_IN_COMMENT = re.compile("(<[^<>]*>)|[^<]+|<")
_SPACE = re.compile(r"\s")


def scrubbed(body: bytes, content_type: str, key: bytes, keep: Collection[str] = (), secret: str = "") -> bytes:
    """Return *body*, as long as it was unless it spells ASCII by references, with pseudonyms for what is personal.

    :param content_type: of the response, or ""
    :param key: of the pseudonyms
    :param keep: names of members whose values stay as they are, but for addresses
    :param secret: client_md5, or ""
    :raises ConfigurationError: something of the original would still be found in it
    """
    original = decoded(body, content_type)
    problem = ""
    for number in range(_TRIES):
        new, problem = _once(original, key + bytes([number]), keep, secret)
        if not problem and decoded(new, content_type).codec == original.codec:
            return new
    raise ConfigurationError("nothing was written: {} would still be found in it".format(problem or "the original"))


def _once(original: Decoded, key: bytes, keep: Collection[str], secret: str) -> Tuple[bytes, str]:
    """The new body, and what of the original is still in it."""
    change = change_of(original.text)
    pseudonyms = Pseudonyms(key, original.codec, secret)
    rules = _Rules(pseudonyms, keep)
    change(original.text, rules.learn)
    text = change(original.text, rules.change)
    change(text, rules.collect)
    return original.encoded(text), leak_in(text, rules.left, pseudonyms.addresses, secret, rules.originals)


class _Rules:
    """What becomes of a value.

    :param keep: see ``scrubbed``
    """

    def __init__(self, pseudonyms: Pseudonyms, keep: Collection[str]) -> None:
        self._pseudonyms = pseudonyms
        self._keep = {name.upper() for name in keep}
        #: values that were replaced, if they are long enough to tell anything
        self.originals: Set[str] = set()
        #: values as they are in the end
        self.left: List[str] = []

    def learn(self, value: Value) -> str:
        """Note what is in *value*."""
        self._within(value, self._learned)
        return value.text

    def _learned(self, text: str) -> str:
        self._pseudonyms.learn(text)
        return text

    def change(self, value: Value) -> str:
        """Return what *value* becomes."""
        if value.tag == NAME:
            return value.text
        if value.tag == MARKUP or self._is_kept(value):
            return self._within(value, self._pseudonyms.hide)
        stuck = self._pseudonyms.stuck
        new = self._within(value, lambda text: self._replaced(value, text))
        if value.tag != COMMENT and (new != value.text or stuck != self._pseudonyms.stuck):
            self._within(value, self._noted)
        return new

    def collect(self, value: Value) -> str:
        """Note what *value* is now, if it is one that is replaced."""
        if value.tag not in (NAME, MARKUP, COMMENT) and not self._is_kept(value):
            self._within(value, self._collected)
        return value.text

    def _collected(self, text: str) -> str:
        self.left.append(text)
        return text

    def _noted(self, text: str) -> str:
        if len(text.strip()) >= MIN_LENGTH and tells(text):
            self.originals.add(text.strip())
        return text

    def _is_kept(self, value: Value) -> bool:
        if not value.names:
            return False
        return value.names[-1].upper() in KEPT or any(name.upper() in self._keep for name in value.names)

    def _replaced(self, value: Value, text: str) -> str:
        """What *text*, which is all of *value*, becomes."""
        pseudonyms = self._pseudonyms
        if value.tag == COMMENT:
            return _IN_COMMENT.sub(self._in_comment, text)
        bare = text.strip()
        if value.tag == "boolean" and bare in ("0", "1"):
            return text
        if value.tag in _OF_DOUBLES or _EXPONENT.search(bare):
            if value.tag in _OF_DOUBLES and bare.lower().lstrip("+-") in _NOT_FINITE:
                return text
            new = None if bare.lstrip("+-").isdigit() else pseudonyms.double(bare)
            if new is not None:
                return text.replace(bare, new, 1)
        if not value.names or value.names[-1].upper() in _OF_REFUSALS:
            refusal = _REFUSAL.match(text)
            if refusal:
                return refusal.group() + pseudonyms.text(text[refusal.end() :])
        return pseudonyms.text(text)

    def _in_comment(self, match: "Match[str]") -> str:
        return (self._pseudonyms.hide if match.group(1) else self._pseudonyms.text)(match.group())

    def _within(self, value: Value, function: Callable[[str], str]) -> str:
        """Let *function* see the text of *value*; where that is base64, what it stands for."""
        if value.tag != "base64":
            return function(value.text)
        digits = "".join(value.text.split())
        try:
            data = a2b_base64(digits)
        except ValueError as error:
            if raised_by_caller(error):
                raise
            data = b""
        if b64encode(data).decode("ascii") != digits:
            return function(value.text)
        new = iter(
            b64encode(function(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")).decode(
                "ascii"
            )
        )
        return "".join(char if _SPACE.match(char) else next(new) for char in value.text)
