"""What the call says whoever the agent is: keypad menus, waiting, trouble, messages and goodbyes.

Data only, in the form of `phrases.py`. These are what remains when every provider is gone.
"""

CALL: dict[str, str] = {
    # -- keypad ------------------------------------------------------------------------------
    "keypad_time_menu": "At what time?",
    "keypad_option": "For {what}, press {key}.",
    "keypad_option_short": "{what}, {key}.",
    "keypad_more_days": "More days, nine.",
    "keypad_more_times": "More times, nine.",
    "keypad_other_day": "Another day, eight.",
    "keypad_person": "To leave a message or reach a person, zero. To hear this again, star.",
    "keypad_not_an_option": "That key is not one of the options.",
    "keypad_confirm_again": "To confirm press one, to change press two.",
    "keypad_confirm_cancel": "To cancel it press one, to keep it press two.",
    "keypad_offer_caller_phone": (
        "For the number you are calling from press one, for another number press two."
    ),
    "keypad_reminder": "Please key in the number, and finish with hash. To clear it, star.",
    "keypad_cleared": "Cleared. Please key it in again.",
    # -- waiting -------------------------------------------------------------------------------
    "filler": "One moment, I am checking.",
    "checking": "One moment, I am checking that.",
    "filler_2": "Just a second, looking at the calendar.",
    "filler_3": "Just a moment more.",
    "still_there": "Are you still there?",
    # -- trouble -------------------------------------------------------------------------------
    "apology": "Sorry, I had a small problem. Could you say that again?",
    "apology_keypad": "Sorry, I had a small problem. Let us try again.",
    "ears_lost": "Sorry, I cannot hear you well. Let us go on with the keypad.",
    "tool_failed": "Sorry, the calendar is not available right now. Shall we try again?",
    "give_up": "Sorry, we have a problem. We will call you back soon, thank you.",
    "busy": "All our lines are busy. Please call again in a few minutes. Thank you.",
    "long_call_warning": "This call will end in two minutes.",
    # -- people and messages ---------------------------------------------------------------------
    "transfer": "I am putting you through to our team. One moment please.",
    "no_person": "Nobody can answer right now. You can leave a message, and we will call you back.",
    "ask_message": "What shall I pass on?",
    "message_taken": "Thank you, I wrote the message down and we will call you back.",
    "ask_phone_callback": (
        "So that we can call you back, key in your phone number, and finish with hash."
    ),
    # -- messages after the call -----------------------------------------------------------------
    "confirmation_whatsapp": "A confirmation will come to this number by WhatsApp.",
    "confirmation_text": "A confirmation will come to this number in a text message.",
    "ask_whatsapp": "Shall we send a confirmation to this number by WhatsApp?",
    "ask_text": "Shall we send a confirmation to this number in a text message?",
    "confirmation_whatsapp_on_record": (
        "A confirmation will come by WhatsApp, to the number of the appointment."
    ),
    "confirmation_text_on_record": (
        "A confirmation will come in a text message, to the number of the appointment."
    ),
    "ask_whatsapp_on_record": (
        "Shall we send a confirmation by WhatsApp, to the number of the appointment?"
    ),
    "ask_text_on_record": (
        "Shall we send a confirmation in a text message, to the number of the appointment?"
    ),
    "keypad_send": "To send it press one, for no messages press two.",
    "messages_granted": "Fine, I made a note of that.",
    "messages_declined": "Fine, we will not send any messages.",
    # -- the end -----------------------------------------------------------------------------
    "goodbye": "Thank you for calling, have a good day.",
    "goodbye_booked": "Thank you, and goodbye.",
    "idle_goodbye": "We cannot hear you. Please call again at any time, have a good day.",
    "max_goodbye": "We have come to the end of the time for this call. Please call again, thank you.",
    "drain_goodbye": "Sorry, we have to finish now. Please call again in a minute.",
}
