"""Tests of the audit of somebody else's ledger."""
