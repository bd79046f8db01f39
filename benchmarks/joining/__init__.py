"""The bulk join and its peers: each way in a process of its own, on the same points."""
