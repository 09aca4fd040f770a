"""What this package believes of the service, compared with what the service really answers: ``doctor --live``.

Each claim is a line of a table, with the source that it comes from and a function that looks at what was seen. What is
seen is kept as counts, names of members, and words of vocabularies: nothing of a row may be in it, or in what is said.
"""
