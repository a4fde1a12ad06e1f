"""What the call says whoever the agent is: keypad menus, waiting, trouble, messages and goodbyes.

Data only, in the form of `phrases.py`. These are what remains when every provider is gone.
"""

CALL: dict[str, tuple[str, str]] = {
    # -- keypad ------------------------------------------------------------------------------
    "keypad_time_menu": (
        "באיזו שעה?",
        "beʔˈejzo ʃaʔˈa?",
    ),
    "keypad_option": (
        "{what}, הקישו {key}.",
        "{what}, hakˈiʃu {key}.",
    ),
    "keypad_option_short": (
        "{what}, {key}.",
        "{what}, {key}.",
    ),
    "keypad_more_days": (
        "לימים נוספים, תשע.",
        "lejamˈim nosafˈim, tˈeʃa.",
    ),
    "keypad_more_times": (
        "לשעות נוספות, תשע.",
        "leʃaʔˈot nosafˈot, tˈeʃa.",
    ),
    "keypad_other_day": (
        "ליום אחר, שמונה.",
        "lejˈom aχˈeʁ, ʃmˈone.",
    ),
    "keypad_person": (
        "להשארת הודעה או לנציג, אפס. לשמיעה חוזרת, כוכבית.",
        "lehaʃʔaʁˈat hodaʔˈa ˈo lenatsˈig, ˈefes. leʃmiʔˈa χozˈeʁet, koχavˈit.",
    ),
    "keypad_not_an_option": (
        "המקש הזה לא באפשרויות.",
        "hamakˈaʃ hazˈe lˈo baʔefʃaʁujˈot.",
    ),
    "keypad_confirm_again": (
        "לאישור הקישו אחת, לשינוי הקישו שתיים.",
        "leʔiʃˈuʁ hakˈiʃu aχˈat, leʃinˈuj hakˈiʃu ʃtˈajim.",
    ),
    "keypad_confirm_cancel": (
        "לביטול הקישו אחת, להשארת התור הקישו שתיים.",
        "levitˈul hakˈiʃu aχˈat, lehaʃʔaʁˈat hatˈoʁ hakˈiʃu ʃtˈajim.",
    ),
    "keypad_offer_caller_phone": (
        "לרישום המספר שממנו התקשרתם הקישו אחת, למספר אחר הקישו שתיים.",
        "leʁiʃˈum hamispˈaʁ ʃemimˈenu hitkaʃˈaʁtem hakˈiʃu aχˈat, lemispˈaʁ aχˈeʁ hakˈiʃu ʃtˈajim.",
    ),
    "keypad_reminder": (
        "אפשר להקיש את המספר, ובסיום סולמית. למחיקה, כוכבית.",
        "efʃˈaʁ lehakˈiʃ ˈet hamispˈaʁ, uvesijˈum sulamˈit. limχikˈa, koχavˈit.",
    ),
    "keypad_cleared": (
        "נמחק. אפשר להקיש שוב.",
        "nimχˈak. efʃˈaʁ lehakˈiʃ ʃˈuv.",
    ),
    # -- waiting -------------------------------------------------------------------------------
    "filler": (
        "רגע, אני בודקת.",
        "ʁˈeɡa, anˈi bodˈeket.",
    ),
    "checking": (
        "רגע, אני בודקת את זה.",
        "ʁˈeɡa, anˈi bodˈeket ˈet zˈe.",
    ),
    "filler_2": (
        "שנייה, בודקת ביומן.",
        "ʃnijˈa, bodˈeket bajomˈan.",
    ),
    "filler_3": (
        "עוד רגע.",
        "ˈod ʁˈeɡa.",
    ),
    "still_there": (
        "אתם עדיין איתנו?",
        "atˈem adˈajin itˈanu?",
    ),
    # -- trouble -------------------------------------------------------------------------------
    "apology": (
        "סליחה, הייתה לי תקלה קטנה. אפשר לומר שוב?",
        "sliχˈa, hajtˈa lˈi takalˈa ktanˈa. efʃˈaʁ lomˈaʁ ʃˈuv?",
    ),
    "ears_lost": (
        "סליחה, קשה לי לשמוע. נמשיך בעזרת המקשים.",
        "sliχˈa, kaʃˈe lˈi liʃmˈoa. namʃˈiχ beʔezʁˈat hamakaʃˈim.",
    ),
    "apology_keypad": (
        "סליחה, הייתה לי תקלה קטנה. ננסה שוב.",
        "sliχˈa, hajtˈa lˈi takalˈa ktanˈa. nenasˈe ʃˈuv.",
    ),
    "tool_failed": (
        "סליחה, היומן לא זמין כרגע. ננסה שוב?",
        "sliχˈa, hajomˈan lˈo zamˈin kaʁˈeɡa. nenasˈe ʃˈuv?",
    ),
    "give_up": (
        "סליחה, יש לנו תקלה. נחזור אליכם בהקדם, תודה.",
        "sliχˈa, jˈeʃ lˈanu takalˈa. naχzˈoʁ alejχˈem bahekdˈem, todˈa.",
    ),
    "busy": (
        "כל הקווים תפוסים כרגע. אפשר להתקשר שוב בעוד כמה דקות. תודה.",
        "kˈol hakavˈim tfusˈim kaʁˈeɡa. efʃˈaʁ lehitkaʃˈeʁ ʃˈuv beʔˈod kˈama dakˈot. todˈa.",
    ),
    "long_call_warning": (
        "השיחה עומדת להסתיים בעוד שתי דקות.",
        "hasiχˈa omˈedet lehistajˈem beʔˈod ʃtˈej dakˈot.",
    ),
    # -- people and messages ---------------------------------------------------------------------
    "transfer": (
        "מעבירה אתכם לצוות. רגע בבקשה.",
        "maʔaviʁˈa etχˈem latsˈevet. ʁˈeɡa bevakaʃˈa.",
    ),
    "no_person": (
        "אין כרגע מי שיענה. אפשר להשאיר הודעה, ונחזור אליכם.",
        "ˈejn kaʁˈeɡa mˈi ʃejaʔanˈe. efʃˈaʁ lehaʃʔˈiʁ hodaʔˈa, venaχzˈoʁ alejχˈem.",
    ),
    "ask_message": (
        "מה למסור?",
        "mˈa limsˈoʁ?",
    ),
    "message_taken": (
        "תודה, ההודעה נרשמה ונחזור אליכם.",
        "todˈa, hahodaʔˈa niʁʃemˈa venaχzˈoʁ alejχˈem.",
    ),
    "ask_phone_callback": (
        "כדי שנחזור אליכם, הקישו את מספר הטלפון, ובסיום סולמית.",
        "kedˈej ʃenaχzˈoʁ alejχˈem, hakˈiʃu ˈet mispˈaʁ hatˈelefon, uvesijˈum sulamˈit.",
    ),
    # -- messages after the call -----------------------------------------------------------------
    "confirmation_whatsapp": (
        "אישור יישלח למספר הזה בוואטסאפ.",
        "iʃˈuʁ jiʃalˈaχ lamispˈaʁ hazˈe bavˈatsap.",
    ),
    "confirmation_text": (
        "אישור יישלח למספר הזה בהודעה.",
        "iʃˈuʁ jiʃalˈaχ lamispˈaʁ hazˈe behodaʔˈa.",
    ),
    "ask_whatsapp": (
        "לשלוח אישור למספר הזה בוואטסאפ?",
        "liʃlˈoaχ iʃˈuʁ lamispˈaʁ hazˈe bavˈatsap?",
    ),
    "ask_text": (
        "לשלוח אישור למספר הזה בהודעה?",
        "liʃlˈoaχ iʃˈuʁ lamispˈaʁ hazˈe behodaʔˈa?",
    ),
    "confirmation_whatsapp_on_record": (
        "אישור יישלח בוואטסאפ למספר שרשום בתור.",
        "iʃˈuʁ jiʃalˈaχ bavˈatsap lamispˈaʁ ʃeʁaʃˈum batˈoʁ.",
    ),
    "confirmation_text_on_record": (
        "אישור יישלח בהודעה למספר שרשום בתור.",
        "iʃˈuʁ jiʃalˈaχ behodaʔˈa lamispˈaʁ ʃeʁaʃˈum batˈoʁ.",
    ),
    "ask_whatsapp_on_record": (
        "לשלוח אישור בוואטסאפ למספר שרשום בתור?",
        "liʃlˈoaχ iʃˈuʁ bavˈatsap lamispˈaʁ ʃeʁaʃˈum batˈoʁ?",
    ),
    "ask_text_on_record": (
        "לשלוח אישור בהודעה למספר שרשום בתור?",
        "liʃlˈoaχ iʃˈuʁ behodaʔˈa lamispˈaʁ ʃeʁaʃˈum batˈoʁ?",
    ),
    "keypad_send": (
        "לשליחה הקישו אחת, בלי הודעות הקישו שתיים.",
        "liʃliχˈa hakˈiʃu aχˈat, blˈi hodaʔˈot hakˈiʃu ʃtˈajim.",
    ),
    "messages_granted": (
        "בסדר, רשמתי.",
        "besˈedeʁ, ʁaʃˈamti.",
    ),
    "messages_declined": (
        "בסדר, לא נשלח הודעות.",
        "besˈedeʁ, lˈo niʃlˈaχ hodaʔˈot.",
    ),
    # -- the end -----------------------------------------------------------------------------
    "goodbye": (
        "תודה שהתקשרתם, יום טוב.",
        "todˈa ʃehitkaʃˈaʁtem, jˈom tˈov.",
    ),
    "goodbye_booked": (
        "תודה ולהתראות.",
        "todˈa velehitʁaʔˈot.",
    ),
    "idle_goodbye": (
        "לא שומעים אתכם. אפשר להתקשר שוב בכל עת, יום טוב.",
        "lˈo ʃomʔˈim etχˈem. efʃˈaʁ lehitkaʃˈeʁ ʃˈuv beχˈol ˈet, jˈom tˈov.",
    ),
    "max_goodbye": (
        "הגענו לסוף הזמן של השיחה. אפשר להתקשר שוב, תודה.",
        "hiɡˈanu lesˈof hazmˈan ʃˈel hasiχˈa. efʃˈaʁ lehitkaʃˈeʁ ʃˈuv, todˈa.",
    ),
    "drain_goodbye": (
        "סליחה, אנחנו נאלצים לסיים עכשיו. אפשר להתקשר שוב בעוד דקה.",
        "sliχˈa, anˈaχnu neʔelatsˈim lesajˈem aχʃˈav. efʃˈaʁ lehitkaʃˈeʁ ʃˈuv beʔˈod dakˈa.",
    ),
}
