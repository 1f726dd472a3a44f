"""Clause 7 of DB4209/T 32—2023 (with 4 to 6 and 9): the procedure of a case."""
