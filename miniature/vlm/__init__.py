"""A small vision-language model of the Idefics3 kind, trained from scratch on the drawn world."""
