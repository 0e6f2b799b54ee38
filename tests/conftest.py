"""Fixtures shared by all tests live in tests/support, one module a matter."""

from hypothesis import settings

pytest_plugins = [
    "browsing",
    "databases",
    "desk",
    "shop",
    "smtp_server",
    "staff",
    "tryton_server",
    "website",
]

# Timing never decides a test: machines that are busy are slow.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
