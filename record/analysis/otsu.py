"""From an attention map to the object's box: Otsu's threshold and the largest region (section 3.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from skimage.filters import threshold_otsu
from skimage.measure import label

from record.geometry import Box
from record.types import Array

Mask = npt.NDArray[np.bool_]

FLAT = 1e-6
"""A map whose range is below this share of its largest value shows nothing."""


def object_box(attention: Array) -> Box | None:
    """The box of the largest connected region above Otsu's threshold of an H x W map.

    The map is scaled to 0..1 over the whole map first. Cells that touch at a corner belong
    together. None for a map that is empty, flat, or not all finite.
    """
    if attention.ndim != 2:
        raise ValueError(f"an attention map has 2 dimensions, got shape {attention.shape}")
    if attention.size == 0 or not np.isfinite(attention).all():
        return None
    low, high = float(attention.min()), float(attention.max())
    if high - low <= FLAT * max(abs(low), abs(high)):
        return None
    scaled = (attention.astype(np.float64) - low) / (high - low)
    return region_box(largest_region(scaled > threshold_otsu(scaled)))


def largest_region(mask: Mask) -> Mask:
    """The largest connected region of an H x W mask, as a mask; of equals the first in reading order."""
    regions = label(mask, connectivity=2)
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    return np.asarray((regions == sizes.argmax()) & mask)


def region_box(mask: Mask) -> Box | None:
    """The box round an H x W mask's cells, edges included; None for an empty mask."""
    rows, columns = np.nonzero(mask)
    if rows.size == 0:
        return None
    height, width = mask.shape
    return Box(
        float(columns.min() / width),
        float(rows.min() / height),
        float((columns.max() + 1) / width),
        float((rows.max() + 1) / height),
    )
