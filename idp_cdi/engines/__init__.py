"""engines: see the README for its place in the house."""
