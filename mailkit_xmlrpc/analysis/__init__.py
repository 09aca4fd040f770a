"""What many rows say together: counts, and whom to stop mailing.

Rows come in from anywhere. Nothing here knows a client, a server or a format of files.
"""
