"""Cloud Temple Browser: a desktop client for Cloud Temple object storage and any other S3 store."""

__version__ = "0.1.0"
