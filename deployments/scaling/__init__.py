"""How many replicas draw: by the work that waits and how fast it is drawn, within what the cluster has.

wanted is the arithmetic, told names what replicas record, room looks at the cluster, and policy is what Ray
Serve's controller calls.
"""
