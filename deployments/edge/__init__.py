"""The HTTP edge: it reads requests, plays the story by handles, and answers.

ingress has the paths, body reads what a request says in its body and headers, service draws, handles
are the parts it draws with, answers and errors are what goes back.
"""
