"""Failures inside the contract are explained like those of any test."""

import pytest

pytest.register_assert_rewrite("erp_contract")
