"""Recordings: an answer of the service is kept byte for byte, but for what is personal.

A recording teaches what the server really sends, and may be given away. ``record`` makes a call and keeps its answer,
``scrub`` does the same to a file. Everything here works on whole answers in memory.
"""
