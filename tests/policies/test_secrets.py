"""What looks like a secret, by its name or its form, and what only looks like one."""

from __future__ import annotations

import pytest

from workbench.policies import secrets

NAMES = [
    *("PASSWORD", "DB_PASSWORD", "DB_PASSWORD_1", "DBPASSWORD", "PGPASSWORD", "MYSQL_PWD", "DB_PASS", "db.password"),
    *("DJANGO_SECRET_KEY", "SECRET_KEY_BASE", "ENCRYPTION_KEY", "AWS_SECRET_ACCESS_KEY", "API_KEY", "apiKey", "APIKey"),
    *("clientSecret", "AUTH_TOKEN", "GITHUB_TOKEN2", "githubToken", "GOOGLE_CREDENTIALS", "DOCKER_AUTH", "PASSPHRASE"),
]
HARMLESS = {
    "TOKENIZERS_PARALLELISM": "false",
    "MAX_TOKENS": "512",
    "KEY_COLUMN": "customer",
    "PASSWORD_COLUMN": "hash",
    "PASSWORD_FILE": "/run/secrets/x",
    "DB_PASSWORD": "/run/secrets/db-password",
    "GOOGLE_APPLICATION_CREDENTIALS": "/etc/gcp/key.json",
    "API_TOKEN": "/var/run/secrets/kubernetes.io/serviceaccount/token",
    "PWD": "/app",
    "OLDPWD": "app",
    "PRIMARY_KEY": "customer_id",
    "promotionKey": "promotions/key.pub",
    "tlsSecret": "models-tls",
    "SECRET_NAME": "churn",
    "AUTHOR": "me",
    "SSH_AUTH_SOCK": "agent",
    "COMPASS": "north",
    "ALLOW_EMPTY_PASSWORD": "yes",
    "DATABASE_URL": "postgres://me:$(DB_PASSWORD)@db/churn",
    "ENDPOINT": "http://collector:4317/v1@2",
    "SCORING_KEYS": "/run/workbench/keys",
}
FORMS = [
    "github_pat_" + "a1B2" * 10,
    "redis://:hunter2@cache:6379/0",
    "postgres://me:hunter2@db/churn",
    "AMQPS://me:hunter2@queue",
    "hf_" + "a1B2" * 9,
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["hunter2", "/hunter2", "/9j4AAQSkZJRg+x/Zm9v==", "/run/no such file"])
def test_a_text_under_a_secrets_name_is_a_secret_also_when_it_begins_like_a_path(name: str, value: str) -> None:
    assert secrets.is_secret(name, value)


@pytest.mark.parametrize("value", [12345, 0, 1.5])
def test_a_number_under_a_secrets_name_is_a_secret_and_a_switch_is_none(value: float) -> None:
    assert secrets.is_secret("PGPASSWORD", value)
    assert not secrets.is_secret("MAX_TOKENS", 512)
    assert not secrets.is_secret("PGPASSWORD", value > 1)


@pytest.mark.parametrize(("name", "value"), HARMLESS.items())
def test_a_name_or_value_that_only_resembles_a_secret_passes(name: str, value: str) -> None:
    assert not secrets.is_secret(name, value)


@pytest.mark.parametrize("value", FORMS)
def test_a_value_in_the_form_of_a_secret_is_one_under_any_name_and_is_masked(value: str) -> None:
    assert secrets.is_secret("ANY", value)
    assert "hunter2" not in secrets.masked(f"it says {value} here")
    assert secrets.MASK in secrets.masked(value)
