"""The public API as a user's typed program uses it: checked by mypy against the installed wheel, never run.

setup.cfg forbids every expression of type Any in this file, so a public name that lost its type fails here.
"""

import ssl
from datetime import date, datetime, timezone
from typing import Dict, Iterator, List, Optional

from mailkit_xmlrpc import (
    ApiError,
    Bounce,
    BounceCategory,
    BounceKind,
    ConfigurationError,
    DisallowedIPError,
    EmailStatus,
    EnhancedStatus,
    FaultError,
    HTTPStatusError,
    IncompleteResponseError,
    InvalidSendIdError,
    MailkitClient,
    MailkitError,
    PlanRefusedError,
    ResponseTooLargeError,
    Retry,
    Rules,
    TransportError,
    Window,
    __version__,
    summarize,
    suppressions,
)
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator, sample_rows


def options() -> MailkitClient:
    """Every option by its name; None where the contract allows it."""
    MailkitClient(1234567, "0123456789abcdef0123456789abcdef", timeout=5, deadline=None, retry=None, tz=None)
    return MailkitClient(
        client_id=1234567,
        client_md5="0123456789abcdef0123456789abcdef",
        url="https://api.mailkit.eu/rpc.fcgi",
        timeout=(10.0, 120.0),
        deadline=600.0,
        retry=Retry(attempts=3, base=0.5, cap=20.0),
        max_response_bytes=1 << 30,
        tz=timezone.utc,
        ssl_context=ssl.create_default_context(),
        proxy="",
    )


def fields(bounce: Bounce) -> Dict[str, int]:
    """Every field with its type."""
    ids: List[Optional[int]] = [bounce.id_email, bounce.id_user_list, bounce.id_send_message]
    texts: List[str] = [bounce.email, bounce.status, bounce.email_status, bounce.bounce_cat, bounce.reason]
    date: Optional[datetime] = bounce.date
    plain: Dict[str, object] = bounce.to_dict()
    assert plain
    extra: Dict[str, object] = bounce.extra
    permanent: bool = bounce.email_status == EmailStatus.PERMANENT or bounce.bounce_cat == BounceCategory.BAD_MAILBOX
    word: str = EmailStatus.PERMANENT
    return {"ids": len(ids), "texts": len(texts) + len(word), "date": date is not None, "extra": len(extra) + permanent}


def calls(id_send: int) -> List[Bounce]:
    """A list, an iterator that is closed, and a client from the environment."""
    with MailkitClient.from_env(deadline=60.0) as client:
        rows: List[Bounce] = client.bounces(id_send)
        with client.iter_bounces(id_send) as report:
            iterator: Iterator[Bounce] = iter(report)
            rows.extend(iterator)
            report.close()
    client.close()
    return rows


def meaning(rows: List[Bounce]) -> List[str]:
    """What the bounces mean, in numbers, and whom to stop mailing."""
    rules = Rules({"bad-domain": None}, {"5.4.4": BounceKind.HARD})
    code: Optional[EnhancedStatus] = rows[0].enhanced_status
    kind: BounceKind = rules.kind(rows[0])
    texts: List[str] = [rows[0].explain(), code.text if code else "", kind]
    summary = summarize(rows, sent=1000, rules=rules, top=5)
    share: Optional[float] = summary.share(summary.bounces)
    numbers: Dict[str, int] = summary.by_kind
    texts += summary.hints + [domain.domain for domain in summary.domains] + [str(share), str(numbers)]
    try:
        with suppressions(rows, exclude=[Window("example.com")], sent=1000, max_share=0.05) as plan:
            texts += [entry.email + entry.why for entry in plan]
    except PlanRefusedError as error:
        addresses: int = error.addresses
        texts.append(str(addresses))
    return texts


def errors(client: MailkitClient) -> str:
    """The attributes of the exceptions."""
    try:
        client.bounces(123456)
    except ConfigurationError as error:
        return str(error)
    except DisallowedIPError as error:
        ip: Optional[str] = error.ip
        return ip or error.message
    except InvalidSendIdError as error:
        asked: int = error.id_send
        return str(asked)
    except FaultError as error:
        code: Optional[int] = error.code
        return str(code)
    except ApiError as error:
        message: str = error.message
        return message
    except HTTPStatusError as error:
        status: int = error.status
        reason: str = error.reason
        return reason * status
    except IncompleteResponseError as error:
        received: int = error.received
        return str(received)
    except TransportError as error:
        retryable: bool = error.retryable
        return str(retryable)
    except ResponseTooLargeError as error:
        limit: int = error.limit
        return str(limit)
    except MailkitError as error:
        attempts: int = error.attempts
        return str(attempts)
    return __version__


def against_simulator() -> int:
    """The built-in server, and the command line as a function."""
    with Simulator() as mailkit:
        url: str = mailkit.url
        mailkit.add(7, sample_rows(10, kinds=["hard"]), campaign=5)
        mailkit.fail(7, "status-503", times=2)
        mailkit.heal()
        outcomes: List[str] = [call.outcome for call in mailkit.calls]
        assert outcomes == []
        MailkitClient(mailkit.client_id, mailkit.client_md5, url=url).close()
    return main(["demo"])


def many() -> Dict[int, int]:
    """What a type checker sees of many reports, the other functions, and the JSON form."""
    counts: Dict[int, int] = {}
    with MailkitClient(1234567, "0" * 32, protocol="json", rate=20) as client:
        for campaign in client.campaigns("2014-12-01"):
            if campaign.id_message is not None:
                for delivery in client.deliveries(campaign.id_message, date(2014, 12, 1)):
                    counts[delivery.id_send or 0] = delivery.send_count or 0
        with client.iter_many([1, 2, 3], max_workers=2) as outcomes:
            for outcome in outcomes:
                counts[outcome.id_send] = len(outcome.unwrap())
    return counts
