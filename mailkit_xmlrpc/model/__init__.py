"""What a report is made of: rows, the words in them, and what these mean.

Plain data and pure functions. Nothing here knows where a row came from: no socket, no file, no XML.
"""
