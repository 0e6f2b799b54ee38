"""The LangGraph parts that agents are composed of: mission, validation, decisions, performing."""
