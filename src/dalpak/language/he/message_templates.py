"""Hebrew: the messages a business sends, as it may edit them. Nothing else is written here.

`{name}` is filled in; what stands in `[…]` is left out when nothing fills it. Which placeholders a
message knows is in `domain/templates.py`.
"""

MESSAGES: dict[str, str] = {
    "confirmation": (
        "שלום[ {name}], התור שלך נקבע ל{date} בשעה {time}.\n"
        "{business}: {service}[ אצל {staff}][\nכתובת: {address}][\nלהוספה ליומן: {link}]"
    ),
    "rescheduled": (
        "שלום[ {name}], התור שלך הועבר ל{date} בשעה {time}.\n"
        "{business}: {service}[ אצל {staff}][\nכתובת: {address}][\nלהוספה ליומן: {link}]"
    ),
    "cancelled": (
        "שלום[ {name}], התור שלך ל{date} בשעה {time} בוטל.\n{business}: {service}\n"
        "לקביעת תור חדש אפשר להתקשר אלינו."
    ),
    "reminder": (
        "שלום[ {name}], תזכורת לתור שלך ב{date} בשעה {time}.\n"
        "{business}: {service}[ אצל {staff}][\nכתובת: {address}]"
    ),
    "waitlist_offer": (
        "שלום[ {name}], התפנה תור ל{service} ב{date} בשעה {time}[ אצל {staff}].\n"
        "התור שמור עד {until}. כדי לקבוע אותו אפשר להשיב כאן: כן. אם הוא לא מתאים: לא.\n{business}"
    ),
    "call_summary": "סיכום שיחה: {summary}",
    "opt_out": "המספר נמסר לנו בשיחה אל {business}. להסרה אפשר להשיב: הסר.",
    "lead_notice": "הודעה מ{name} ({phone}): {text}",
}

SAMPLE: dict[str, str] = {
    "name": "נועה",
    "phone": "050-234-5678",
    "text": "אפשר לחזור אליי אחרי ארבע?",
    "summary": "נושא הפנייה: קביעת תור.",
    "link": "https://example.com/visit.ics",
}
"""For a preview: what only a caller could tell."""
