"""L2: use cases as coroutines on plain asyncio. No Qt, no boto3, no keyring."""
