"""The parts of the agent's page, each for one question of a manager or an accountant."""
