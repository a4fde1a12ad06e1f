"""Any rules of writing that a business may save, as JSON."""

from hypothesis import strategies as st

CLOCKS = st.integers(0, 24 * 60).map(lambda m: f"{m // 60:02}:{m % 60:02}")
MESSENGERS = ["baileys", "twilio_sms", "outbox", "whatsapp_cloud", "unheard_of"]
RULES = st.fixed_dictionaries(
    {},
    optional={
        "channels": st.lists(st.sampled_from(MESSENGERS), unique=True),
        "summary_to": st.sampled_from(["", "business", "caller", "nobody"]),
        "consent_required": st.booleans(),
        "reminders": st.lists(
            st.fixed_dictionaries({"hours_before": st.integers(1, 72)})
            | st.fixed_dictionaries({"days_before": st.integers(1, 7), "at": CLOCKS}),
            max_size=4,
            unique_by=str,
        ),
        "quiet_hours": st.none()
        | st.lists(CLOCKS, min_size=2, max_size=2, unique_by=lambda at: at.replace("24", "00")),
        "quiet_shabbat": st.booleans(),
        "quiet_holidays": st.booleans(),
        "rest_from": CLOCKS,
        "rest_to": CLOCKS,
        "waitlist_offers": st.booleans(),
        "waitlist_hold_min": st.integers(5, 1440),
        "most_per_hour": st.integers(1, 20),
        "most_per_call": st.integers(1, 50),
        "most_to_others": st.integers(1, 50),
        "keep_days": st.integers(1, 3650),
    },
)
