from __future__ import annotations

import pytest
import torch

from miniature.diffusion.optimisers import Optimisers


def test_muon_gets_the_inner_matrices_only() -> None:
    model = torch.nn.Sequential()
    model.conv_in, model.body = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 8, 3)
    made = Optimisers.of(model.named_parameters(), ("conv_in",), betas=(0.9, 0.99), weight_decay=0.0)
    muon, adam = ([p for group in one.param_groups for p in group["params"]] for one in made.both)
    assert [p.shape for p in muon] == [(8, 8, 3, 3)] and len(adam) == 3
    before = [p.detach().clone() for p in model.parameters()]
    made.step(model.body(model.conv_in(torch.randn(2, 3, 9, 9))).square().mean(), 1e-3)
    assert all((a != b).any() for a, b in zip(before, model.parameters(), strict=True))
    # An orthogonal update of a 8 x 72 matrix has a norm of sqrt(8), times 0.2 sqrt(72) and the rate.
    moved = (model.body.weight - before[2]).norm().item()
    assert moved == pytest.approx(1e-3 * 0.2 * 72**0.5 * 8**0.5, rel=0.2)
