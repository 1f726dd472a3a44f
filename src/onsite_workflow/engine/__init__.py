"""What carries a procedure: it judges commands, folds events, counts time limits.

Nothing here knows a clause, a role, a state or a kind of obligation by name: those stand in a
``Procedure``, which is a value.
"""
