"""Rule REGIONS: decide |phi(|x|) - N(x)| <= B on the unit ball for a small network, on the faces of its arrangement."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.network import Network
from verify.kernel.outcome import Rejected
from verify.kernel.profiles.profile import Profile
from verify.kernel.regions.critical import Survey
from verify.kernel.regions.folds import fold

RULE = "regions"


@dataclass(frozen=True)
class Regions:
    """What was looked at: hyperplanes across which N bends, regions where it is affine, faces of all dimensions."""

    hyperplanes: int
    regions: int
    faces: int


def require_regions(network: Network, profile: Profile, bound: Fraction) -> Regions:
    """Reject unless |phi(|x|) - N(x)| <= bound on the unit ball, whose regions the kernel enumerates itself."""
    limit = bound - profile.radius
    if limit < 0:
        raise Rejected(RULE, "claim.bound", "is smaller than the radius of the profile's tube")
    folds = fold(network)
    survey = Survey(folds, profile, limit)
    for group in survey.groups():
        for _ in survey.above(group):
            raise Rejected(RULE, "claim.bound", "is exceeded at a critical point of the error")
    return Regions(len(folds.hyperplanes), survey.regions, survey.faces)
