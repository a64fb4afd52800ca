"""What is seen of the service from outside: figures for Prometheus, a trace a run, logs that name their run.

figures defines what is measured, runs tells it of runs, gauges of what waits and is kept; traces and logs
follow one run through all deployments, and carrying takes both along with calls.
"""
