"""What can be asked: each module here has a ``ROUTER``, found by the app."""
