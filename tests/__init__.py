"""Tests, one file per module; a package so that they share ``tests.site``."""
