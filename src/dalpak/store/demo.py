"""The demo business, for a database that has no business at all. Its words are in `language/he`."""

from typing import Final

from dalpak.domain.records import Business, Resource, Service
from dalpak.language.he import demo_salon as salon
from dalpak.store.unit_of_work import SqlStore

DEMO_BUSINESS_ID: Final = salon.BUSINESS_ID


async def seed_demo(store: SqlStore) -> Business | None:
    """The salon if it was written now; None if the database belongs to somebody already."""
    if await store.businesses():
        return None
    business = Business(
        id=salon.BUSINESS_ID,
        name=salon.NAME,
        phone=salon.PHONE,
        timezone=salon.TIMEZONE,
        address=salon.ADDRESS,
        owner_phone=salon.OWNER_PHONE,
        facts=salon.FACTS,
        ipa=salon.IPA,
    )
    created = await store.add_business(
        business, policy=salon.POLICY, services=_services(), resources=_resources()
    )
    return business if created else None


def _services() -> tuple[Service, ...]:
    return tuple(
        Service(
            id=s.id,
            name=s.name,
            duration_min=s.duration_min,
            price=s.price,
            aliases=s.aliases,
            buffer_after_min=s.clean_up_min,
            resource_ids=s.staff,
            ipa=s.ipa,
        )
        for s in salon.SERVICES
    )


def _resources() -> tuple[Resource, ...]:
    return tuple(Resource(id=s.id, name=s.name, aliases=s.aliases, ipa=s.ipa) for s in salon.STAFF)
