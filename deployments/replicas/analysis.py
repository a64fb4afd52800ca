"""The CPU replica that looks: keypoints, person, and the object's box."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from deployments.config import AnalysisArgs
from deployments.replicas.manners import give_way
from deployments.seeing.carrying import Carrier, serving
from record.types import Candidate, Look


class AnalysisReplica:
    """Looks at candidates; keeps nothing between calls."""

    def __init__(self, args: AnalysisArgs) -> None:
        """Load the pose model; CheckpointError if its file is missing."""
        from record.analysis import Analyser  # SciPy's image routines and MediaPipe: for this replica alone

        def load() -> Analyser:
            return Analyser(args.bundle, people=args.people, confidence=args.confidence)

        self._threads = ThreadPoolExecutor(thread_name_prefix="look", initializer=give_way)
        self._analyser = self._threads.submit(load).result()

    async def look(self, candidate: Candidate, *, carrier: Carrier | None = None) -> Look:
        """Find keypoints (33 x 3), person box and mask, and the object's box."""
        with serving(carrier, "Analysis.look"):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._analyser.look, candidate)
