"""What reaches the outside: ERP and CRM adapters, the kinds of action, and the words for them."""
