"""L0: frozen values and pure rules. No Qt, no boto3, no input or output."""
