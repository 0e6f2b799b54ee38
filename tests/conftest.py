"""Fixtures shared by all tests live in tests/support, one module a matter."""

from hypothesis import settings

pytest_plugins = ["databases", "desk", "shop", "smtp_server", "tryton_server"]

# Timing never decides a test: machines that are busy are slow.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
