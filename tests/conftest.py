"""Fixtures shared by all tests live in tests/support, one module a matter."""

pytest_plugins = ["databases", "desk", "shop", "tryton_server"]
