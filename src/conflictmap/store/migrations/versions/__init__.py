"""The steps, one file a version."""
