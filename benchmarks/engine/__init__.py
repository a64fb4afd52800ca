"""The engine beside a straightforward implementation: time, memory, latency under load, overhead."""
