"""On-site, one-time government service (DB4209/T 32—2023) as a finite state machine."""
