"""Tests of the room recorder."""
