"""How good the pictures are: every method and every switch on the same sentences and seeds."""
