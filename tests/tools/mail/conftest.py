"""The mail server, and failures inside the contract explained like those of any test."""

import pytest
from smtp_server import authority, server_tls, smtp_portal, smtp_server

pytest.register_assert_rewrite("mail_contract")

__all__ = ["authority", "server_tls", "smtp_portal", "smtp_server"]
