"""Hebrew for reading: WhatsApp messages and the words of pages. Digits belong here, sound does not.

Plain `str.format` templates; values are data and are never read as templates themselves.
"""

WRITTEN: dict[str, str] = {
    # -- WhatsApp --------------------------------------------------------------------------------
    "confirmation_short": "התור שלך נקבע ל{date} בשעה {time}.",
    "waitlist_note": "רשימת המתנה: {service}, {days}, {hours}",
    "date": "{weekday} {day}.{month}.{year}",
    "day_time": "{date} בשעה {time}",
    # -- summary of a call -------------------------------------------------------------------------
    "summary_booked": "נקבע {service} ל{when} על שם {name}, {phone}.",
    "summary_booked_no_name": "נקבע {service} ל{when}, {phone}.",
    "summary_message": "הושארה הודעה: {text}",
    "summary_nothing": "השיחה הסתיימה בלי קביעת תור.",
    "summary_wanted": "התבקש תור ל{when}.",
    "summary_caller": "מספר המתקשר: {phone}.",
    "summary_transferred": "השיחה הועברה לצוות.",
    "summary_hung_up": "הצד השני ניתק.",
    "summary_cut": "השיחה נקטעה.",
    "summary_length": "משך השיחה: {minutes} דק׳, {turns} פניות.",
    "summary_about": "נושא הפנייה: {topics}.",
    "topic_book": "קביעת תור",
    "topic_cancel": "ביטול תור",
    "topic_reschedule": "שינוי מועד",
    "topic_appointment": "בירור על תור קיים",
    "topic_hours": "שעות פתיחה",
    "topic_price": "מחירים",
    "topic_address": "כתובת והגעה",
    "topic_human": "בקשה לדבר עם אדם",
    "topic_callback": "בקשה לחזרה טלפונית",
    "topic_waitlist": "רשימת המתנה",
    "topic_wrong_number": "טעות במספר",
    "unknown_name": "ללא שם",
    "unknown_phone": "ללא מספר",
    "no_note": "מבקשים שיחה חוזרת.",
    # -- said by the carrier's own voice, when no call of ours is there to speak --------------------
    "twiml_unknown_number": "המספר שחייגתם אינו פעיל. תודה ולהתראות.",
    "twiml_busy": "כל הקווים תפוסים כרגע. אפשר להתקשר שוב בעוד כמה דקות. תודה.",
    "twiml_moment": "רגע אחד בבקשה.",
    "twiml_goodbye": "תודה ולהתראות.",
    # -- weekdays, from Monday, as `date.weekday()` counts ----------------------------------------
    "weekday_0": "יום שני",
    "weekday_1": "יום שלישי",
    "weekday_2": "יום רביעי",
    "weekday_3": "יום חמישי",
    "weekday_4": "יום שישי",
    "weekday_5": "שבת",
    "weekday_6": "יום ראשון",
}
