"""A summary as people read it: in a terminal (``text``) and as a page (``page``).

Both show the tables of ``breakdown``.

What belongs here: words, their translations, plots. What may not come in: where rows come from, and any option.
Jinja2 (the extra ``report``) is imported when a page is made, not before.
"""
