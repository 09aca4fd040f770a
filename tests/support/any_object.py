"""An object of no known type. Its repr is the same in every run, and so is the id of a test that is given it."""


class AnyObject:
    """Has nothing."""

    def __repr__(self):
        return "an object"


ANY_OBJECT = AnyObject()
