"""What must survive: tables, migrations, the ledger, locks and the LangGraph checkpointer."""
