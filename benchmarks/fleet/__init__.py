"""The application in a local cluster of several nodes, with painters that sleep through their steps."""
