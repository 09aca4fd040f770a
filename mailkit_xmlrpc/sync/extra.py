"""What must be installed beside the package before a database is opened."""

from importlib import import_module

from ..exceptions import ConfigurationError


def require_sqlalchemy() -> None:
    """Return if there is SQLAlchemy.

    :raises ConfigurationError: there is none; the text names the extra that brings it
    """
    try:
        import_module("sqlalchemy")
        return
    except ImportError:
        pass
    raise ConfigurationError("a database needs SQLAlchemy, the extra sync: pip install SQLAlchemy")
