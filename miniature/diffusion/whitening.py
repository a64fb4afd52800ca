"""Whiten the latents of an autoencoder exactly, inside its own layers."""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL


@torch.no_grad()
def whiten(vae: AutoencoderKL, pictures: torch.Tensor) -> AutoencoderKL:
    """Make the latent means of `pictures` (B, 3, H, W in -1..1) zero-mean, unit and uncorrelated.

    With mean m and covariance C = U diag(e) U^T of the channels, z' = diag(e)^-1/2 U^T (z - m) goes into
    `quant_conv` and its inverse into `post_quant_conv`: decoding an encoded picture gives what it gave,
    the model stays a stock AutoencoderKL, and scaling_factor becomes 1. Changes the model in place.
    """
    means = torch.cat([vae.encode(some).latent_dist.mean for some in torch.split(pictures, 32)])
    flat = means.permute(1, 0, 2, 3).flatten(1).double()
    centre = flat.mean(dim=1)
    spread, turn = torch.linalg.eigh(torch.cov(flat))
    forward = torch.diag(spread.rsqrt()) @ turn.T
    backward = turn @ torch.diag(spread.sqrt())
    channels = len(centre)
    _before(vae.quant_conv, forward, centre, channels, float(spread.log().mean()))
    _after(vae.post_quant_conv, backward, centre)
    vae.register_to_config(scaling_factor=1.0)
    return vae


def _before(
    layer: torch.nn.Conv2d, forward: torch.Tensor, centre: torch.Tensor, channels: int, log_spread: float
) -> None:
    """Fold x -> forward (x - centre) into the mean half; the log-variance half only shifts."""
    weight, bias = layer.weight, layer.bias
    assert bias is not None
    turned = forward @ weight[:channels, :, 0, 0].double()
    weight[:channels, :, 0, 0] = turned.to(weight.dtype)
    bias[:channels] = (forward @ (bias[:channels].double() - centre)).to(bias.dtype)
    bias[channels:] -= log_spread


def _after(layer: torch.nn.Conv2d, backward: torch.Tensor, centre: torch.Tensor) -> None:
    """Fold x -> backward x + centre into the layer's input."""
    weight, bias = layer.weight, layer.bias
    assert bias is not None
    plain = weight[:, :, 0, 0].double()
    bias += (plain @ centre).to(bias.dtype)
    weight[:, :, 0, 0] = (plain @ backward).to(weight.dtype)
