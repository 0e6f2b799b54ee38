"""The HTTP API for operators: the operations of the Python API under ``/api/v1``."""
