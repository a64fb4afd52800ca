"""Runs being played: what a run is to draw, when it may begin, how it is told into the store and followed.

order says what is drawn, admission whether there is time for it, player draws it and teller writes down what
happens; follow reads that again, pictures makes finished runs of it. No HTTP here.
"""
