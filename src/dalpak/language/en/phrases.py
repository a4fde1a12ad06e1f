"""What the agent says in English. Data only: `{slot}` is a spoken fact.

The keys and slots of `he/phrases.py`, which the contract suite compares. A day or a moment has no
preposition of its own ("Tuesday, December first"), so sentences are built to take it bare. Keypad
menus and what the call says by itself are in `phrases_call.py`.
"""

CONVERSATION: dict[str, str] = {
    # -- opening -----------------------------------------------------------------------------
    "greeting": (
        "Hello, this is the AI assistant of {business}. What day and time would you like?"
    ),
    "greeting_keypad": "Hello, this is the AI assistant of {business}.",
    "resumed_after_break": "Sorry, we were cut off for a moment. Please go on.",
    # -- when --------------------------------------------------------------------------------
    "ask_when": "What day and time would you like to come?",
    "sure_when": "Gladly. What day and time?",
    "service_when": "{service}, gladly. What day and time?",
    "ask_when_again": "What day and what time would be good for you?",
    "ask_which_day": "Which day?",
    "ask_which_hour": "{first}, or {second}?",
    "ask_service": "Which treatment? {services}?",
    "other_staff": "Somebody else on our team does that.",
    "slot_chosen": "Great, {when}.",
    "service_by": "{service} with {staff}",
    "slot_chosen_service": "Great, {service}, {when}.",
    # -- offers ------------------------------------------------------------------------------
    "offer_one": "How about {first}?",
    "offer_two": "How about {first}, or {second}?",
    "offer_two_short": "{first}, or {second}?",
    "offer_three": "How about {first}, {second}, or {third}?",
    "offer_day_one": "How about {day}, at {first}?",
    "offer_day_two": "How about {day}, at {first}, or at {second}?",
    "offer_day_three": "How about {day}, at {first}, {second}, or {third}?",
    # -- why not -----------------------------------------------------------------------------
    "off_grid": "We have nothing at exactly that time.",
    "too_soon": "That is too soon.",
    "too_far": "Our calendar is not open that far ahead.",
    "closed": "We are closed then.",
    "closed_all_day": "We are closed {day}.",
    "taken": "That time is taken.",
    "just_taken": "Sorry, that time was taken just now.",
    "day_full": "That day is already full.",
    "none_free": "I found nothing free at that time.",
    "same_time": "The appointment is at that time already.",
    "does_not_exist": "That time does not exist, because the clock changes.",
    "not_possible": "That time is not possible.",
    "another_time": "No problem, let us look for another time.",
    # -- who ---------------------------------------------------------------------------------
    "ask_name": "What is your name?",
    "ask_name_again": "I did not catch the name. Could you say it again?",
    "ask_phone_caller": "Shall I note the number you are calling from?",
    "ask_phone_keypad": "Please key in your phone number, and finish with the hash key.",
    "phone_needed": "Without a phone number it is not possible.",
    "bad_number": "That is not a valid number.",
    # -- confirmation ------------------------------------------------------------------------
    "read_back": "So {service}, {when}, under the name {name}, phone {phone}. Shall I book it?",
    "read_back_no_phone": "So {service}, {when}, under the name {name}. Shall I book it?",
    "read_back_no_name": "So {service}, {when}, phone {phone}. Shall I book it?",
    "booked": "I have booked {service}, {when}.",
    "anything_else": "Can I help with anything else?",
    "changed_mind": "All right, I have not booked it. What should I change?",
    # -- appointments that stand -----------------------------------------------------------------
    "your_appointment_is": "You have an appointment, {service}, {when}.",
    "your_appointments_are": "Your appointments are {appointments}.",
    "your_next_are": "Your next appointments are {appointments}.",
    "no_appointment": "I found no appointment under those details.",
    "ask_identity": (
        "What name is the appointment under, and what are the last four digits of the phone number?"
    ),
    "which_appointment": "Which appointment? {appointments}?",
    "reschedule_read_back": "So {service}, instead of {old}, {when}. Shall I move it?",
    "rescheduled": "I have moved the appointment. {service}, {when}.",
    "move_when": "{service}, {when}. What day and time shall I move it to?",
    "move_instead": "It is too late to cancel it, but it can be moved.",
    "confirm_reschedule_again": "Shall I move it, yes or no?",
    "cancel_read_back": "So {service}, {when}. Shall I cancel the appointment?",
    "cancelled": "I have cancelled the appointment, {service}, {when}.",
    "confirm_cancel_again": "Shall I cancel it, yes or no?",
    "not_changed": "All right, the appointment stays as it is.",
    "too_late_to_change": "It is too close to the appointment, our team takes care of that.",
    "offer_message": "Shall I leave them a message?",
    "book_or_message": "Would you like a new appointment, or to leave our team a message?",
    # -- the waiting list ------------------------------------------------------------------------
    "waitlist_when": "What day would you like to wait for?",
    "waitlist_days": "between {first} and {last}",
    "waitlist_read_back": "So {wish}. Shall I put you on the waiting list?",
    "still_free": "There is a place then.",
    "waitlisted": (
        "I put you on the waiting list. If a place becomes free, our team will call you back."
    ),
    # -- misunderstanding --------------------------------------------------------------------
    "did_not_hear": "I did not hear that. Could you say it again?",
    "did_not_understand": "Sorry, I did not understand. Could you put it differently?",
    "sorry": "Sorry, I did not understand.",
    "confirm_again": "Shall I book it, yes or no?",
    "did_not_understand_2": "I still did not understand. Let us go on with the keypad.",
    "wait_ok": "Of course, take your time.",
    # -- questions about the business ----------------------------------------------------------
    "hours_day": "We are open {day}, {windows}.",
    "hours_window": "from {open} to {close}",
    "address": "Our address is {address}.",
    "price": "The price of {service} is {price}.",
    "price_unknown": "For the price, please ask our team.",
    "do_not_know": "I do not have that here. You can leave a message for our team.",
    "fact": "{fact}.",
    # -- not our business ----------------------------------------------------------------------
    "not_by_phone_yet": "Our team takes care of that. Shall I leave them a message?",
    "wrong_number": "No problem, have a good day.",
}
