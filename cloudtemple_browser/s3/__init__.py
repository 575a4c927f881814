"""L1: the only importer of boto3 and botocore. Synchronous, without threads of its own."""
