"""One module a migration, each building on the one before."""
