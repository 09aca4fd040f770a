"""The commands of ``mailkit-bounces``, one a file: ``add`` adds its parser, ``run`` runs it and returns the exit code.

A command uses everything else of ``cli``; nothing but ``cli`` itself uses a command.
"""
