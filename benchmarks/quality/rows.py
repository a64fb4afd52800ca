"""The rows of the table: a name, and the settings in which a row differs from the checkpoint's own.

Rows whose settings come to the same share their pictures, so naming a default costs nothing.
"""

from __future__ import annotations

from typing import Any

ONE_EDIT = {"cross_edit": False, "self_edit": False, "exclusion": False}
ROWS: dict[str, dict[str, Any]] = {
    "plain": {"method": "plain"},
    "attend-and-excite": {"method": "attend_and_excite"},
    "boxdiff": {"method": "boxdiff"},
    "multidiffusion": {"method": "multidiffusion"},
    "lmd": {"method": "lmd"},
    "record": {},
    "best-of-4-plain": {"method": "plain", "best_of": 4},
    "best-of-2-boxdiff": {"method": "boxdiff", "best_of": 2},
    "one-candidate": {"candidates": 1, "correction": False},
    "choice": {"correction": False},
    "choice-and-correction": {"look_again": False},
    "candidates-as-plain": {"intransitive_share": 0.0},
    "record-paper": {"preset": "paper"},
    "correction-only": {"candidates": 1},
    "coarse-candidates": {"candidate_steps": 10},
    "finished-candidates": {"candidate_steps": 0},
    "cross-edit-only": {**ONE_EDIT, "cross_edit": True},
    "self-edit-only": {**ONE_EDIT, "self_edit": True},
    "exclusion-only": {**ONE_EDIT, "exclusion": True},
    "no-edit": ONE_EDIT,
    "both-edits-one-row": {"cross_edit": True, "base_branch": "one_row"},
    "both-edits-two-rows": {"cross_edit": True, "base_branch": "two_rows"},
    "both-edits-candidates": {"cross_edit": True, "correction": False},
    "intransitive-longer": {"intransitive_share": 0.3},
    "special-tokens": {"cross_edit": True, "base_branch": "two_rows", "special_tokens": "intransitive"},
    "self-edit-late": {"self_edit_from": 0.1, "self_edit_until": 1.0},
    "exclusion-per-head": {"exclusion_mask": "per_head"},
    "hold-pose": {"hold_pose_share": 0.5},
    "gradient-paper": {"gradient_rule": "paper", "step_size": 20.0, "map_temperature": 100.0},
    "overlap-on": {"overlap_weight": 0.5},
    "hold-on": {"hold_weight": 0.5},
    "presence-on": {"presence_weight": 0.5},
    "refined": {"refinements": 5},
    "enough-on": {"enough_loss": 0.3},
}
