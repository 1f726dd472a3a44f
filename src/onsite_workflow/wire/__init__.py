"""Wire forms: journal lines ↔ commands, events ↔ JSON, and what the library answers."""
