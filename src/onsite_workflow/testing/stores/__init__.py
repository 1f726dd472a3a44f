"""Stores to try: the promises as tests, stories, commits to put, and faults."""
