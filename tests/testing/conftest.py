"""The plugin's own fixtures, in the place of those that other tests have."""

from mailkit_xmlrpc.testing.plugin import mailkit, mailkit_client  # noqa: F401  (fixtures)
