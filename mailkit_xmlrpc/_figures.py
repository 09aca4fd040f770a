"""What counting needs: the domain of an address, a part as a percentage."""

MAX_DOMAIN = 255  # characters; RFC 1035, 2.3.4


def domain_of(email: str) -> str:
    """The domain of *email* in lower case, or "" where there is none that could be one."""
    domain = email.rpartition("@")[2] if "@" in email else ""
    return domain.strip().rstrip(".").lower() if len(domain) <= MAX_DOMAIN else ""


def percent(count: int, total: int) -> str:
    """*count* of *total* as text: ``2.5 %``; never rounded to nothing or to all where it is not."""
    part = 100.0 * count / total
    text = "{:.1f}".format(part)
    if text == "0.0" and count:
        return "< 0.1 %"
    if text == "100.0" and count != total:
        return "> 99.9 %" if part < 100 else "{:.1f} %".format(part)
    return text + " %"
