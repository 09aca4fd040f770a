"""How long the tests are: short for somebody who tries a change, full where everything is run (``pytest --slow``)."""

full = False  # tests/conftest.py sets it before any test module is imported


def examples(number):
    """*number* examples, seeds or the like, or a tenth of them."""
    return number if full else max(1, number // 10)


def some(cases, step=10):
    """All of *cases*, or each *step*-th of them."""
    return cases if full else list(cases)[::step]
