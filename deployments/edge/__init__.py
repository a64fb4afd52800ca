"""The HTTP edge: it reads requests, plays the story by handles, and answers."""
