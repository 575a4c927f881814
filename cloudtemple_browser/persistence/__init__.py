"""L1: what survives a restart: connections, settings and, in the OS keyring, the secret keys."""
