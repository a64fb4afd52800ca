"""The page at /: watch a run, and mend its picture by hand. Static files, no build step."""
