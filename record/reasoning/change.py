"""The change check (paper, section 3.3): is the proposed box different enough to be worth a correction?"""

from __future__ import annotations

from record.geometry import Box


def needs_correction(current: Box | None, proposed: Box, *, iou: float = 0.85, shift: float = 0.05) -> bool:
    """Whether the picture should be corrected towards `proposed`.

    The layout is kept only if IoU(current, proposed) > `iou` and the centres lie closer than `shift`
    (a share of the picture). Without a current box there is nothing to keep.
    """
    if current is None:
        return True
    return not (current.iou(proposed) > iou and current.distance(proposed) < shift)
