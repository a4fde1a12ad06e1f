"""Soniox's speech recognition: where its key is, and what mends the rest."""

from dalpak.services.checks.provider import Provider

STT = Provider(
    title="Soniox",
    keys="set SONIOX_API_KEY (console.soniox.com > API keys)",
    quota="console.soniox.com > Billing: add credit, or ask for a higher limit of sessions",
    choice="set SONIOX_MODEL, or SONIOX_URL for another region",
)
