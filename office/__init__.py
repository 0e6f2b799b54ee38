"""Where people meet the agents: settings, the Python API, reports and the command line."""
