"""What each specialist knows and decides: one folder an agent, which exposes ``AGENT``."""
