"""The schema's history, which Alembic plays when a store is opened."""
