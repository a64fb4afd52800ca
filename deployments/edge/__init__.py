"""The HTTP edge: it reads requests, plays the story by handles, and answers.

ingress has the paths, body reads what a request says in its body and headers, service draws, handles
are the parts it draws with, answers and errors are what goes back. Before them, access (with hosts and
quotas) lets in who may ask, and bounded and limits what may be read; fields are OpenAI's. schema and docs
tell people and programs of it all. proxied runs in Ray Serve's own proxy.
"""
