"""Cases to try: what can be asked of each, what must hold of it, all of them explored or drawn."""
