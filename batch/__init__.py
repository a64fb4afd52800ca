"""Many prompts into a folder of pictures: resumable, in shards, every prompt a row of one manifest.

items and reading say what is asked for, painting and rows what came of it, folder keeps it. Who draws is
one of three: painting.in_turn (this process), served (a running service), cluster (Ray Data).
"""
