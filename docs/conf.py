"""Settings of Sphinx: ``make docs``, or ``python -m sphinx -W -b html docs build/docs``."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from mailkit_xmlrpc import __version__  # noqa: E402  (from this checkout, which the path above names)

project = "mailkit-xmlrpc"
author = copyright = "the mailkit-xmlrpc developers"
release = version = __version__

extensions = ["sphinx.ext.autodoc"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
# SQLAlchemy is an extra; the pages of sync are made without it.
autodoc_mock_imports = ["sqlalchemy"]
exclude_patterns = ["pictures"]
nitpicky = False
root_doc = "index"
smartquotes = False

html_theme = "furo"
html_title = "mailkit-xmlrpc {}".format(release)
html_static_path = []
html_show_sphinx = False
html_copy_source = False
