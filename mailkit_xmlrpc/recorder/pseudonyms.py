"""Pseudonyms: keyed, the same ones for the same words, and of the same look. Pure.

A word becomes a word of as many characters: letters become letters of the same script and case (Czech ones Czech ones),
digits become digits. What says nothing about a person stays: codes such as 5.1.1, domains that everybody knows, the
ends of other domains, and all that is neither letter nor digit. Whoever does not have the key cannot go back.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Callable, Dict, Match, Optional, Set, Tuple

from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import lower
from .letters import Letters
from .tokens import ADDRESS, CODED, TOKEN, WORD, address_of, day_of, labels_that_stay, number_in

_ATTEMPTS = 64
_MAX_SUFFIX = 64  # characters; a local part has no more (RFC 5321 4.5.3.1.1)
_LIMITS = {10: (1 << 31) - 1, 19: (1 << 63) - 1}  # by digits: what is beyond is of another type


class Pseudonyms:
    """The pseudonyms of one document. First it is shown all that there is: no pseudonym shall be one of the originals.

    :param key: whoever has it can tell which word became which, by trying words
    :param codec: of the document: what a letter becomes must have as many bytes in it
    :param secret: client_md5, or "": it is replaced wherever it stands
    """

    def __init__(self, key: bytes, codec: str, secret: str = "") -> None:
        self._key = key
        self._letters = Letters(codec)
        self._secret = lower(secret)
        self._made: Dict[str, str] = {}
        self._originals: Set[str] = set()
        self._locals: Set[str] = set()
        self._dates: Set[str] = set()
        self._shift: Optional[timedelta] = None
        #: addresses that were learned, in lower case
        self.addresses: Set[str] = set()
        #: words that cannot be replaced
        self.stuck = 0

    def learn(self, text: str) -> None:
        """Note what is in *text*. No pseudonym may have been given yet."""
        for match in TOKEN.finditer(text):
            if match.group("local"):
                address = address_of(match)
                self.addresses.add(address)
                self._locals.add(address.partition("@")[0])
            if match.group("year") and _is_date(match):
                if day_of(match) is not None:
                    self._dates.add(match.group())
            elif not match.group("code"):
                self._originals.update(map(lower, WORD.findall(match.group())))

    # --- texts ------------------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """Return *text*, as long as it was, with a pseudonym in the place of each word."""
        return TOKEN.sub(self._token, self._without_secret(text))

    def hide(self, text: str) -> str:
        """Return *text*, as long as it was, with pseudonyms only for addresses and for what looks like an md5."""
        text = ADDRESS.sub(self._address, self._without_secret(text))
        return CODED.sub(lambda match: self._word(match.group()), text)

    def _without_secret(self, text: str) -> str:
        if not self._secret or self._secret not in text.lower():
            return text
        lowered = lower(text)
        at = lowered.find(self._secret)
        while at >= 0:
            end = at + len(self._secret)
            text = text[:at] + WORD.sub(lambda match: self._word(match.group()), text[at:end]) + text[end:]
            at = lowered.find(self._secret, end)
        return text

    def _token(self, match: "Match[str]") -> str:
        token = match.group()
        if match.group("local"):
            return self._address(match)
        if match.group("code"):
            return token
        if match.group("year") and _is_date(match):
            return self._date(match)
        if match.group("ip"):
            return self._ip(token)
        if match.group("colons"):
            return WORD.sub(lambda word: self._word(word.group(), is_hex=True), token)
        return self._host(token)

    def _address(self, match: "Match[str]") -> str:
        local = WORD.sub(lambda word: self._word(word.group()), match.group("local"))
        domain = match.group("domain")
        if domain.startswith("["):
            domain = TOKEN.sub(self._token, domain)
        # Where the local part tells nobody apart, no domain is known so well that it may stay.
        elif local == match.group("local"):
            domain = WORD.sub(lambda word: self._word(word.group()), domain)
        else:
            domain = self._host(domain, in_address=True)
        return local + match.group("at") + domain

    def _host(self, text: str, in_address: bool = False) -> str:
        """Words with dots between them, perhaps the name of a host."""
        end = labels_that_stay(text, in_address)
        return WORD.sub(lambda word: self._number_or_word(word.group()), text[:end]) + text[end:]

    # --- words ------------------------------------------------------------------------------------------------------

    def _number_or_word(self, text: str) -> str:
        return self.digits(text) if number_in(text) else self._word(text)

    def _word(self, word: str, is_hex: bool = False) -> str:
        low = lower(word)
        is_hex = is_hex or self._letters.is_hex(low)
        new = self._once(
            "{}{}".format("hex " if is_hex else "", low), low, lambda bits: self._letters.like(low, bits, is_hex)
        )
        return "".join(
            self._letters.upper(other) if char != small else other for char, small, other in zip(word, low, new)
        )

    def digits(self, digits: str) -> str:
        """Return as many other digits of ASCII: a number with as many zeros before it, which fits the same types."""
        core = digits.lstrip("0")
        if not core:
            return digits
        limit = _LIMITS.get(len(core), 0)
        edge = int(str(limit)[0])

        def made(bits: bytes) -> str:
            numbers = [bits[at] << 8 | bits[at + 1] for at in range(0, len(bits), 2)]
            least, most = (1, 9) if not limit else (edge, 9) if int(core) > limit else (1, edge)
            first = least + numbers[0] % (most - least + 1)
            new = str(first) + "".join(str(number % 10) for number in numbers[1:])
            return digits[: -len(core)] + new

        def fits(new: str) -> bool:
            return (int(new) > limit) == (int(core) > limit)

        return self._once("number " + digits, digits, made, fits if limit else bool, len(core))

    def double(self, text: str) -> Optional[str]:
        """Return another double in the place of *text*, if that is one: its zeros and its exponent stay."""
        match = number_in(text, double=True)
        if match is None:
            return None
        # A serialiser wrote 5.1 by "%.20f", and it is read back so.
        short, decimals = repr(float(text)), len(text.partition(".")[2])
        if len(short) < len(text) and short.count(".") == 1 and "%.*f" % (decimals, float(text)) == text:
            new = self.double(short)
            return new if new is None else "%.*f" % (decimals, float(new))
        mantissa, exponent = match.group(1), match.group(2)

        def made(bits: bytes) -> str:
            digits = (
                str(1 + (bits[2 * at] << 8 | bits[2 * at + 1]) % 9) if char in "123456789" else char
                for at, char in enumerate(mantissa)
            )
            return "".join(digits) + exponent

        if not any(char in "123456789" for char in mantissa):
            return text
        return self._once("double " + text, text, made, lambda new: _kind(new) == _kind(text), len(mantissa))

    def _once(
        self,
        name: str,
        original: str,
        made: Callable[[bytes], str],
        fits: Callable[[str], bool] = bool,
        length: Optional[int] = None,
    ) -> str:
        """The pseudonym for *original*: what *made* makes of so many characters' random bits.

        The first that *fits*, is no original itself and was not given to another one; if there is none, one that is
        another.
        """
        if name in self._made:
            return self._made[name]
        second = ""
        for attempt in range(_ATTEMPTS):
            new = made(self._bits("{} {}".format(attempt, name), len(original) if length is None else length))
            if new == original or not fits(new):
                continue
            second = second or new
            if new not in self._originals and "= " + new not in self._made and not self._ends_as_address(new):
                break
        else:
            new = second or original
            self.stuck += not second
        self._made[name] = new
        self._made["= " + new] = original
        return new

    def _ends_as_address(self, word: str) -> bool:
        """Whether with an at-sign behind it *word* would end as an original address does."""
        return any(word[-length:] in self._locals for length in range(1, min(len(word), _MAX_SUFFIX + 1)))

    def _bits(self, name: str, length: int) -> bytes:
        """Two bytes for each character, which nobody can tell who does not have the key."""
        seed = hmac.new(self._key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return hashlib.shake_256(seed).digest(2 * length)

    # --- what has a shape of its own ----------------------------------------------------------------------------------

    def _ip(self, address: str) -> str:
        """An IPv4 address: numbers of as many digits, up to 255."""
        parts = address.split(".")
        if any(int(part) > 255 for part in parts):
            return WORD.sub(lambda word: self.digits(word.group()), address)

        def made(bits: bytes) -> str:
            return ".".join(_octet(part, bits[index]) for index, part in enumerate(parts))

        return self._once("ip " + address, address, made)

    def _date(self, match: "Match[str]") -> str:
        """A day of the same weekday, all days of a document moved alike; what is no day is none in another year."""
        day = day_of(match)
        year, dash = match.group("year"), match.group("dash")
        if day is None:
            if year == "0000":
                return match.group()
            year = self._once("year " + year, year, _odd_year)
            return year + match.group()[4:]
        if self._shift is None:
            self._shift = self._new_shift()
        try:
            moved = day - self._shift
        except OverflowError as error:
            if raised_by_caller(error):
                raise
            moved = day + self._shift
        return "{:04d}{}{:02d}{}{:02d}".format(moved.year, dash, moved.month, dash, moved.day) + match.group("time")

    def _new_shift(self) -> timedelta:
        for attempt in range(_ATTEMPTS):  # pragma: no branch (it takes dates of hundreds of years, a week apart)
            weeks = 1 + int.from_bytes(self._bits("shift {}".format(attempt), 4), "big") % (520 * (attempt + 1))
            self._shift = timedelta(weeks=weeks)
            if all(TOKEN.sub(self._token, text) not in self._dates for text in self._dates):
                break
        assert self._shift is not None
        return self._shift


def _is_date(match: "Match[str]") -> bool:
    """Whether the date in *match* is one. What is none may be a number, unless it is all of the text."""
    return match.group() == match.string.strip() or bool(match.group("dash")) and day_of(match) is not None


def _odd_year(bits: bytes) -> str:
    # An odd one is no leap year.
    return str(1001 + 2 * ((bits[0] << 8 | bits[1]) % 4000))


def _octet(part: str, number: int) -> str:
    """Another octet of as many digits."""
    least, most = {1: (0, 9), 2: (10, 99), 3: (100, 255)}[len(part)]
    return str(least + number % (most - least + 1))


def _kind(text: str) -> Tuple[bool, bool, bool]:
    value = float(text)
    return value - value == 0.0, abs(value) <= _LIMITS[19], value.is_integer()
