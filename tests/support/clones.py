"""Every way in which an exception travels within one process, or to another."""

import copy
import pickle


def clones(error):
    """*error* by every way in which an exception travels."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(error, protocol))
    yield copy.copy(error)
    yield copy.deepcopy(error)
