"""The CPU replica that looks: keypoints, person, and the object's box."""

from __future__ import annotations

import asyncio

from deployments.config import AnalysisArgs
from deployments.seeing.carrying import Carrier, serving
from record.types import Candidate, Look


class AnalysisReplica:
    """Looks at candidates; keeps nothing between calls."""

    def __init__(self, args: AnalysisArgs) -> None:
        """Load the pose model; CheckpointError if its file is missing."""
        from record.analysis import Analyser  # SciPy's image routines and MediaPipe: for this replica alone

        self._analyser = Analyser(args.bundle, people=args.people, confidence=args.confidence)

    async def look(self, candidate: Candidate, *, carrier: Carrier | None = None) -> Look:
        """Find keypoints (33 x 3), person box and mask, and the object's box."""
        with serving(carrier, "Analysis.look"):
            return await asyncio.to_thread(self._analyser.look, candidate)
