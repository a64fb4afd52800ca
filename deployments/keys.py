"""API keys: who may ask for pictures, how often, and how much at once. Only their SHA-256 is written down.

    python -m deployments.keys NAME

prints a new key, once, and the entry for `ingress.keys_file` (or for the variable that `ingress.keys_env`
names). A key has 256 random bits, so that a plain SHA-256 keeps it.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from deployments.config import ConfigError, IngressArgs

log = logging.getLogger("ray.serve")
PREFIX = "rk-"
LOOK_AGAIN_S = 1.0
"""Seconds between two looks whether the file of keys has changed."""


class Key(BaseModel):
    """One caller's key, as the file holds it. Each ingress replica counts by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="who holds it")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the key, in hexadecimal digits")
    requests_per_minute: float = Field(60.0, gt=0, le=1e6, description="requests for work (POST), on average")
    concurrency: int = Field(4, ge=1, le=10_000, description="requests for work that are answered at once")

    def fits(self, given: str) -> bool:
        """Whether the digest `given` is this key's; takes the same time whatever it is."""
        return hmac.compare_digest(self.sha256, given)


class KeyFile(BaseModel):
    """The whole file: YAML or JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    keys: tuple[Key, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_twins(self) -> Self:
        for field in ("name", "sha256"):
            if len({getattr(key, field) for key in self.keys}) < len(self.keys):
                raise ValueError(f"two keys have the same {field}")
        return self


class Keyring:
    """The keys of a configuration; a file that has changed is read again, so that a key can be taken back."""

    def __init__(self, args: IngressArgs, clock: Callable[[], float] = time.monotonic) -> None:
        """Read them; ConfigError where they cannot be read."""
        self._args, self._clock = args, clock
        self._keys, self._stamp, self._looked = read_keys(args), self._changed(), clock()

    def find(self, token: str) -> Key | None:
        """Whose key this is. All are compared, so that the time says nothing of where one stands."""
        self._look_again()
        given = digest(token)  # once: whoever asks may send a long one
        found = [key for key in self._keys if key.fits(given)]
        return found[0] if found and token else None

    def _look_again(self) -> None:
        if self._clock() - self._looked < LOOK_AGAIN_S:
            return
        self._looked, stamp = self._clock(), self._changed()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = read_keys(self._args)
        except ConfigError as error:
            log.warning("the keys stay as they were: %s", error)

    def _changed(self) -> tuple[int, int] | None:
        """What differs once the file was written again."""
        if self._args.keys_file is None:
            return None
        try:
            found = os.stat(self._args.keys_file)
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)


def read_keys(args: IngressArgs) -> tuple[Key, ...]:
    """The configured keys, none where there are none; ConfigError says what is wrong and shows no value."""
    where, text = _source(args)
    if text is None:
        return ()
    try:
        return KeyFile.model_validate(yaml.safe_load(text)).keys
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{where} is neither YAML nor JSON: see its line {line}") from None
    except yaml.YAMLError:
        raise ConfigError(f"{where} is neither YAML nor JSON: it holds odd characters") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        known = {*Key.model_fields, *KeyFile.model_fields}
        parts = [str(one) if one in known or isinstance(one, int) else "..." for one in first["loc"]]
        told = f"{'.'.join(parts) or 'as a whole'}: {first['msg'].lower()}"
        raise ConfigError(
            f"{where}: {told}; entries are made with  python -m deployments.keys NAME"
        ) from None


def _source(args: IngressArgs) -> tuple[str, str | None]:
    if args.keys_env is not None:
        text = os.environ.get(args.keys_env)
        if not text:
            raise ConfigError(
                f"the environment variable {args.keys_env} is not set: export it, or remove ingress.keys_env"
            )
        return f"the environment variable {args.keys_env}", text
    if args.keys_file is None:
        return "", None
    try:
        return args.keys_file, Path(args.keys_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"ingress.keys_file {args.keys_file} cannot be read: {reason}") from None


def digest(token: str) -> str:
    """SHA-256 of a key in hexadecimal digits; odd characters make one that no key has."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def main() -> None:
    """Make a key and print it."""
    parser = argparse.ArgumentParser(prog="python -m deployments.keys", description=__doc__)
    parser.add_argument("name", help="who holds it: letters, digits, . _ -")
    name = parser.parse_args().name
    token = PREFIX + secrets.token_urlsafe(32)
    try:
        key = Key(name=name, sha256=digest(token))
    except ValidationError:
        parser.error(f"{name!r}: give 1 to 64 letters, digits, dots, dashes and underscores")
    print(f"The key, shown this once:\n  {token}\n\nBelow `keys:` of the file:\n  - name: {key.name}")
    print(f'    sha256: "{key.sha256}"')
    print(f"    requests_per_minute: {key.requests_per_minute:g}\n    concurrency: {key.concurrency}")


if __name__ == "__main__":
    main()
