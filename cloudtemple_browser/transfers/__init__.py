"""L1: the transfer engine. Threads; no Qt, no boto3."""
