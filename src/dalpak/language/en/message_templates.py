"""English: the messages a business sends, as it may edit them. Nothing else is written here.

`{name}` is filled in; what stands in `[…]` is left out when nothing fills it. Which placeholders a
message knows is in `domain/templates.py`.
"""

MESSAGES: dict[str, str] = {
    "confirmation": (
        "Hello[ {name}], your appointment is set for {date} at {time}.\n"
        "{business}: {service}[ with {staff}][\nAddress: {address}][\nAdd to calendar: {link}]"
    ),
    "rescheduled": (
        "Hello[ {name}], your appointment was moved to {date} at {time}.\n"
        "{business}: {service}[ with {staff}][\nAddress: {address}][\nAdd to calendar: {link}]"
    ),
    "cancelled": (
        "Hello[ {name}], your appointment on {date} at {time} was cancelled.\n"
        "{business}: {service}\nCall us to book another one."
    ),
    "reminder": (
        "Hello[ {name}], a reminder of your appointment on {date} at {time}.\n"
        "{business}: {service}[ with {staff}][\nAddress: {address}]"
    ),
    "waitlist_offer": (
        "Hello[ {name}], a time for {service} is free: {date} at {time}[ with {staff}].\n"
        "It is kept for you until {until}. To book it, answer: yes. If it does not suit: no.\n"
        "{business}"
    ),
    "call_summary": "Call summary: {summary}",
    "opt_out": "This number was given to us in a call to {business}. For no more messages answer: stop.",
    "lead_notice": "Message from {name} ({phone}): {text}",
}

SAMPLE: dict[str, str] = {
    "name": "Noa",
    "phone": "050-234-5678",
    "text": "Please call me back after four.",
    "summary": "About: booking an appointment.",
    "link": "https://example.com/visit.ics",
}
"""For a preview: what only a caller could tell."""
