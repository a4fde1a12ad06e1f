"""English for reading: WhatsApp messages and the words of pages. Digits belong here, sound does not.

Plain `str.format` templates; values are data and are never read as templates themselves. Dates are
written day first, as Israel writes them; the weekday beside them says which day is meant.
"""

WRITTEN: dict[str, str] = {
    # -- WhatsApp --------------------------------------------------------------------------------
    "confirmation_short": "Your appointment is set for {date} at {time}.",
    "waitlist_note": "Waiting list: {service}, {days}, {hours}",
    "date": "{weekday} {day}.{month}.{year}",
    "day_time": "{date} at {time}",
    # -- summary of a call -------------------------------------------------------------------------
    "summary_booked": "Booked: {service}, {when}, {name}, {phone}.",
    "summary_booked_no_name": "Booked: {service}, {when}, {phone}.",
    "summary_message": "A message was left: {text}",
    "summary_nothing": "The call ended without a booking.",
    "summary_wanted": "Asked for: {when}.",
    "summary_caller": "Caller's number: {phone}.",
    "summary_transferred": "The call was put through to the team.",
    "summary_hung_up": "The caller hung up.",
    "summary_cut": "The call was cut off.",
    "summary_length": "Length: {minutes} min, {turns} turns.",
    "summary_about": "About: {topics}.",
    "topic_book": "booking an appointment",
    "topic_cancel": "cancelling an appointment",
    "topic_reschedule": "moving an appointment",
    "topic_appointment": "an existing appointment",
    "topic_hours": "opening hours",
    "topic_price": "prices",
    "topic_address": "address and directions",
    "topic_human": "speaking to a person",
    "topic_callback": "being called back",
    "topic_waitlist": "waiting list",
    "topic_wrong_number": "wrong number",
    "unknown_name": "no name",
    "unknown_phone": "no number",
    "no_note": "Asks to be called back.",
    # -- said by the carrier's own voice, when no call of ours is there to speak --------------------
    "twiml_unknown_number": "The number you have dialled is not in service. Thank you and goodbye.",
    "twiml_busy": "All our lines are busy. Please call again in a few minutes. Thank you.",
    "twiml_moment": "One moment please.",
    "twiml_goodbye": "Thank you and goodbye.",
    # -- weekdays, from Monday, as `date.weekday()` counts ----------------------------------------
    "weekday_0": "Monday",
    "weekday_1": "Tuesday",
    "weekday_2": "Wednesday",
    "weekday_3": "Thursday",
    "weekday_4": "Friday",
    "weekday_5": "Saturday",
    "weekday_6": "Sunday",
}
