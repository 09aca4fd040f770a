"""Functions of a test that count as the package's own, for what fails inside."""

import types


def inside(function, module="mailkit_xmlrpc.tested"):
    """*function* as if it stood in *module*: what it raises is no exception of the caller's."""
    globals_ = dict(function.__globals__, __name__=module)
    return types.FunctionType(
        function.__code__, globals_, function.__name__, function.__defaults__, function.__closure__
    )


def raising(error, module="mailkit_xmlrpc.tested"):
    """A function that takes anything and raises *error* from a frame that knows its arguments."""

    def fail(*args, **kwargs):
        raise error

    return inside(fail, module)
