"""The HTTP edge: it reads requests, plays the story by handles, and answers.

ingress makes the application, whose paths are in images, runs, looking and health. body reads what a request
says in its body and headers, service has it drawn, handles are the parts it is drawn with, answers, partial
and errors are what goes back. Before them, access (with hosts and quotas) lets in who may ask, and bounded
and limits what may be read; fields are OpenAI's. schema and docs tell people and programs of it all. proxied
runs in Ray Serve's own proxy.
"""
