"""For the tests of programs that use this package: a plugin of pytest.

pytest loads it into every run, so nothing here is imported before a fixture or an option asks for it.
"""
