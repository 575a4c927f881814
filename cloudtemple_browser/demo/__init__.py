"""L1: the embedded demo store: a local S3 server process and what it is filled with."""
