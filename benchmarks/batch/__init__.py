"""A batch of prompts on a cluster that loses workers and a node: what is lost, and what is drawn twice."""
