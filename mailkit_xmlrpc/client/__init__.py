"""The client: settings are checked, a call is made with all its tries, rows come out.

It puts transport and protocol together. It prints nothing and reads no file but the one that holds client_md5.
"""
