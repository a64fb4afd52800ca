"""Pictures for people to look at, and as bytes."""
