from __future__ import annotations

from typing import Any

import pytest

from workbench.components.cluster_settings import KEYS, ClusterSettings, parse_cluster
from workbench.components.errors import InfraError

WHERE = "Pulumi.prod.yaml: churn"
INGRESS = {"exposure": "ingress", "host": "models.example"}


def parsed(annotations: object = None, **keys: str) -> ClusterSettings:
    return parse_cluster(WHERE, {key: keys.get(key, "") for key in KEYS}, annotations)


def test_an_ingress_speaks_tls_where_its_secret_is_named() -> None:
    issuer = {"cert-manager.io/cluster-issuer": "team"}

    found = parsed(issuer, **INGRESS, tlsSecret="models-tls")

    assert (found.scheme, found.tls_secret, found.ingress_annotations) == ("https", "models-tls", issuer)
    assert parsed(**INGRESS).scheme == "http"


@pytest.mark.parametrize(
    ("keys", "annotations", "says"),
    [
        ({"exposure": "door"}, None, ":exposure is 'door'; it can be nodePort, ingress, clusterIP"),
        ({"host": "http://models"}, None, ":host is 'http://models'"),
        ({"exposure": "ingress"}, None, ":host is empty; an ingress needs the name that callers use"),
        ({"exposure": "ingress", "tlsSecret": "tls"}, None, ":host is empty"),
        ({**INGRESS, "host": "10.0.0.7"}, None, ":host is '10.0.0.7'; an ingress needs a DNS name"),
        ({**INGRESS, "host": "Models.example"}, None, "in small letters"),
        ({"tlsSecret": "tls"}, None, ":tlsSecret is set, but exposure is 'nodePort'; set exposure to ingress"),
        ({"exposure": "clusterIP", "host": "a.example"}, {"a": "b"}, ":ingressAnnotations is set, but exposure is"),
        ({**INGRESS, "tlsSecret": "my_tls"}, None, ":tlsSecret is 'my_tls'; it must be the name of a Secret"),
        (INGRESS, ["a"], ":ingressAnnotations is ['a']; it maps"),
        (INGRESS, {"a": True}, ":ingressAnnotations: a is True; an annotation is a text, put it in quotes"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place_and_the_rule(
    keys: dict[str, str], annotations: Any, says: str
) -> None:
    with pytest.raises(InfraError) as refused:
        parsed(annotations, **keys)

    assert says in str(refused.value)
    assert str(refused.value).startswith(WHERE)
    assert "\n" not in str(refused.value)
