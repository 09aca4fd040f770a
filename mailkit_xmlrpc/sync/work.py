"""One run of the job on an open database: what is fetched is written, delivery by delivery. It needs SQLAlchemy."""

from typing import List, Optional, Union

from ..client.client import MailkitClient
from ..exceptions import LocalError, MailkitError
from .database import Database
from .database_errors import RowsRefusedError
from .deliveries import found, given, split
from .job import Options
from .recorder import DryRecorder, Recorder, named
from .reports import Fetched, fetched
from .result import Failure, SyncResult

DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"


def run(client: MailkitClient, database: Optional[Database], options: Options) -> SyncResult:
    """Run the job.

    :param database: None where it does not exist yet, and nothing shall be made
    """
    recorder: Union[Recorder, DryRecorder]
    if options.dry_run or database is None:
        recorder = DryRecorder(database)
    else:
        recorder = Recorder(database, options)
    failures: List[Failure] = []
    try:
        written = _forget_and_fetch(client, recorder, options, failures)
    except BaseException as error:
        _end_badly(recorder, error)
        raise
    recorder.end(FAILED if failures else DONE, str(failures[0]) if failures else None)
    counts = recorder.counts
    return SyncResult(
        run=recorder.run_id,
        deliveries=counts["deliveries"],
        asked=counts["asked"],
        written=written,
        settled=counts["settled"],
        new=counts["new_rows"],
        changed=counts["changed_rows"],
        unchanged=counts["unchanged_rows"],
        gone=counts["gone_rows"],
        forgotten=counts["forgotten_rows"],
        failures=tuple(failures),
    )


def _end_badly(recorder: Union[Recorder, DryRecorder], error: BaseException) -> None:
    """Write why the run ended, if the database still can."""
    is_ours = isinstance(error, MailkitError)
    try:
        recorder.end(FAILED if is_ours else INTERRUPTED, str(error) if is_ours else type(error).__name__)
    except MailkitError:  # the error that counts is the first one
        pass


def _forget_and_fetch(
    client: MailkitClient, recorder: Union[Recorder, DryRecorder], options: Options, failures: List[Failure]
) -> int:
    """Return how many deliveries were written."""
    counts = recorder.counts

    def failed(failure: Failure) -> None:
        failures.append(failure)
        counts["failed"] += 1

    if options.forget_before is not None:
        counts["forgotten_rows"] = recorder.forget(options.forget_before)
    if options.ids is not None:
        wanted = given(options.ids)
    else:
        wanted = found(client, options.campaigns, options.since, failed)
    counts["deliveries"] = len(wanted)
    if options.ids is None and not options.ask_all:
        times = recorder.read_times(delivery.id_send for delivery in wanted)
        wanted, counts["settled"] = split(wanted, times, options.settled_after)
    recorder.note()
    options.progress(0, len(wanted), len(failures))
    written = 0
    for done, one in enumerate(fetched(client, wanted, options.jobs, options.executor), 1):
        error = one.error
        if one.report is not None:
            error = _record(recorder, one)
        if error is not None:
            failed(Failure(one.delivery.id_send, one.delivery.id_message, error))
            recorder.fail(one.delivery, error)
        counts["asked"] += one.is_asked
        written += error is None
        options.progress(done, len(wanted), len(failures))
    return written


def _record(recorder: Union[Recorder, DryRecorder], one: Fetched) -> Optional[MailkitError]:
    """Write the report; return why it was refused."""
    assert one.report is not None
    try:
        written = recorder.record(one, one.report)
    except RowsRefusedError as error:  # the database works: the others may go well
        return LocalError(error.detail)
    finally:
        one.report.close()
    for name, number in named(written).items():
        recorder.counts[name] += number
    return None
