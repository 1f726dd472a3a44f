"""What the pure core promises, one sentence a test."""
