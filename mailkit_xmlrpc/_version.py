"""The version of the package; setup.cfg says the same, and a test compares them.

(setup.cfg's ``attr:`` would import the package at build time, which the setuptools of RHEL 8 cannot: its dependencies
are not installed yet.)
"""

__version__ = "0.1.0"
