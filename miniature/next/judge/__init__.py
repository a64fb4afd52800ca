"""The judge of the next world's pictures: the shipped network and recipe, trained on the new drawings."""
