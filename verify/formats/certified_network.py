"""The explicit network of a certificate, read as strictly as the kernel reads it, for export to other formats."""

from __future__ import annotations

from fractions import Fraction

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.kernel.cover.family import read_family
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.networks.depth2 import Depth2Network
from verify.networks.depth3 import Depth3Network
from verify.networks.family import RidgeFamily
from verify.targets.errors import NotLipschitz, TargetError
from verify.targets.lipschitz import prove_lipschitz
from verify.targets.profiles import read_target


def explicit_network(certificate: Certificate, profile: str | None) -> Depth2Network:
    """Return the network that the certificate speaks of.

    Args:
        profile: phi, needed for a family of networks: its member N_phi is returned, with phi at the bin edges exact
            where it is rational there, and rounded to float64 otherwise.

    Raises:
        UsageProblem: the certificate holds no explicit network, a profile is missing or superfluous, or it is steeper
            than the family's claim allows.
        verify.kernel.Malformed: the kernel would not read the network either.
    """
    document = certificate.document
    if "family" in document:
        read_family(Fields(document["family"], "family"))
    elif "network" in document and "hidden_denominator" in document["network"]:
        read_network(Fields(document["network"], "network"))
    network = certificate.network
    if isinstance(network, RidgeFamily):
        if profile is None:
            raise UsageProblem("the certificate holds a family of networks; choose one with --profile, such as norm")
        target = read_target(profile)
        try:
            prove_lipschitz(target)
        except NotLipschitz:
            raise UsageProblem(
                f"{target.text} is not 1-Lipschitz on [0, 1], as the family wants it; divide it by its constant"
            ) from None

        def phi(r: Fraction) -> Fraction:
            try:
                return Fraction(target(r))
            except TargetError:
                return Fraction(float(target(float(r))))

        return network.network(phi)
    if profile is not None:
        raise UsageProblem("the certificate holds one network for one profile; leave --profile out")
    if isinstance(network, Depth3Network):
        raise UsageProblem("the certificate holds a depth-3 network; only the formats json and onnx can write it")
    return network


def depth3_network(certificate: Certificate, profile: str | None) -> Depth3Network | None:
    """Return the certificate's network if it is a depth-3 network with explicit weights, None otherwise."""
    part = certificate.document.get("network")
    if not isinstance(part, dict) or not (part.get("kind") == "gridded-squares" or "inner" in part):
        return None
    if profile is not None:
        raise UsageProblem("the certificate holds one network; leave --profile out")
    network = certificate.network
    return network if isinstance(network, Depth3Network) else None
