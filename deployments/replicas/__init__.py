"""What runs behind handles: who draws, who looks, and who answers as language model or images API."""
