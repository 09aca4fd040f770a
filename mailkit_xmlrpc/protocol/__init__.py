"""A call becomes bytes, and the bytes of a response become rows, over XML-RPC and over JSON.

Pure: no socket, no file, no clock. What both protocols share lies here, what only one needs in its own folder.
"""
