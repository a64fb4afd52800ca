"""ReCorD's story with Ray Serve actors as its cast."""
