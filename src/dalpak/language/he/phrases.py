"""What the agent says in Hebrew, with its pronunciation. Data only: `{slot}` is a spoken fact.

Every phrase is brief, and neutral to the caller's gender (plural or infinitive). Text and IPA carry
the same slots and the same punctuation, for both are cut there into the leaves of the prompt bank.
Keypad menus and what the call says by itself are in `phrases_call.py`.
"""

CONVERSATION: dict[str, tuple[str, str]] = {
    # -- opening -----------------------------------------------------------------------------
    "greeting": (
        "שלום, כאן עוזרת הבינה המלאכותית של {business}. לאיזה יום ושעה תרצו תור?",
        "ʃalˈom, kˈan ozˈeʁet habinˈa hamelaχutˈit ʃˈel {business}. "
        "leʔˈejze jˈom veʃaʔˈa tiʁtsˈu tˈoʁ?",
    ),
    "greeting_keypad": (
        "שלום, כאן עוזרת הבינה המלאכותית של {business}.",
        "ʃalˈom, kˈan ozˈeʁet habinˈa hamelaχutˈit ʃˈel {business}.",
    ),
    "resumed_after_break": (
        "סליחה, הייתה הפרעה קצרה בקו. אפשר להמשיך.",
        "sliχˈa, hajtˈa hafʁaʔˈa ktsaʁˈa bakˈav. efʃˈaʁ lehamʃˈiχ.",
    ),
    # -- when --------------------------------------------------------------------------------
    "ask_when": (
        "לאיזה יום ושעה תרצו לקבוע תור?",
        "leʔˈejze jˈom veʃaʔˈa tiʁtsˈu likbˈoa tˈoʁ?",
    ),
    "sure_when": (
        "בשמחה. לאיזה יום ושעה?",
        "besimχˈa. leʔˈejze jˈom veʃaʔˈa?",
    ),
    "service_when": (
        "{service}, בשמחה. לאיזה יום ושעה?",
        "{service}, besimχˈa. leʔˈejze jˈom veʃaʔˈa?",
    ),
    "ask_when_again": (
        "באיזה יום ובאיזו שעה נוח לכם?",
        "beʔˈejze jˈom uveʔˈejzo ʃaʔˈa nˈoaχ laχˈem?",
    ),
    "ask_which_day": (
        "לאיזה יום?",
        "leʔˈejze jˈom?",
    ),
    "ask_which_hour": (
        "{first} או {second}?",
        "{first} ˈo {second}?",
    ),
    "ask_service": (
        "איזה טיפול? {services}?",
        "ˈejze tipˈul? {services}?",
    ),
    "other_staff": (
        "את זה עושה מישהו אחר מהצוות.",
        "ˈet zˈe osˈe mˈiʃehu aχˈeʁ mehatsˈevet.",
    ),
    "slot_chosen": (
        "מצוין, {when}.",
        "metsujˈan, {when}.",
    ),
    "service_by": (
        "{service} אצל {staff}",
        "{service} etsˈel {staff}",
    ),
    "slot_chosen_service": (
        "מצוין, {service}, {when}.",
        "metsujˈan, {service}, {when}.",
    ),
    # -- offers ------------------------------------------------------------------------------
    "offer_one": (
        "אפשר {first}. מתאים?",
        "efʃˈaʁ {first}. matʔˈim?",
    ),
    "offer_two": (
        "אפשר {first}, או {second}. מה נוח?",
        "efʃˈaʁ {first}, ˈo {second}. mˈa nˈoaχ?",
    ),
    "offer_two_short": (
        "{first}, או {second}?",
        "{first}, ˈo {second}?",
    ),
    "offer_three": (
        "אפשר {first}, {second}, או {third}. מה נוח?",
        "efʃˈaʁ {first}, {second}, ˈo {third}. mˈa nˈoaχ?",
    ),
    "offer_day_one": (
        "{day}, אפשר בשעה {first}. מתאים?",
        "{day}, efʃˈaʁ beʃaʔˈa {first}. matʔˈim?",
    ),
    "offer_day_two": (
        "{day}, אפשר בשעה {first}, או בשעה {second}. מה נוח?",
        "{day}, efʃˈaʁ beʃaʔˈa {first}, ˈo beʃaʔˈa {second}. mˈa nˈoaχ?",
    ),
    "offer_day_three": (
        "{day}, אפשר בשעה {first}, {second}, או {third}. מה נוח?",
        "{day}, efʃˈaʁ beʃaʔˈa {first}, {second}, ˈo {third}. mˈa nˈoaχ?",
    ),
    # -- why not -----------------------------------------------------------------------------
    "off_grid": (
        "בדיוק אז אין תור.",
        "bedijˈuk ˈaz ˈejn tˈoʁ.",
    ),
    "too_soon": (
        "זה קרוב מדי.",
        "zˈe kaʁˈov midˈaj.",
    ),
    "too_far": (
        "לתאריך הזה היומן עוד סגור.",
        "letaʔaʁˈiχ hazˈe hajomˈan ˈod saɡˈuʁ.",
    ),
    "closed": (
        "אז אנחנו סגורים.",
        "ˈaz anˈaχnu sguʁˈim.",
    ),
    "closed_all_day": (
        "{day}, אנחנו סגורים.",
        "{day}, anˈaχnu sguʁˈim.",
    ),
    "taken": (
        "השעה הזאת תפוסה.",
        "haʃaʔˈa hazˈot tfusˈa.",
    ),
    "just_taken": (
        "סליחה, השעה הזאת נתפסה ממש עכשיו.",
        "sliχˈa, haʃaʔˈa hazˈot nitpesˈa mamˈaʃ aχʃˈav.",
    ),
    "day_full": (
        "היום הזה כבר מלא.",
        "hajˈom hazˈe kvˈaʁ malˈe.",
    ),
    "none_free": (
        "לא מצאתי תור פנוי לזמן הזה.",
        "lˈo matsˈati tˈoʁ panˈuj lazmˈan hazˈe.",
    ),
    "same_time": (
        "התור כבר בשעה הזאת.",
        "hatˈoʁ kvˈaʁ baʃaʔˈa hazˈot.",
    ),
    "does_not_exist": (
        "השעה הזאת לא קיימת, בגלל מעבר השעון.",
        "haʃaʔˈa hazˈot lˈo kajˈemet, biɡlˈal maʔavˈaʁ haʃaʔˈon.",
    ),
    "not_possible": (
        "לזמן הזה אי אפשר לקבוע.",
        "lazmˈan hazˈe ˈi efʃˈaʁ likbˈoa.",
    ),
    "another_time": (
        "אין בעיה, נחפש זמן אחר.",
        "ˈejn beʔajˈa, neχapˈes zmˈan aχˈeʁ.",
    ),
    # -- who ---------------------------------------------------------------------------------
    "ask_name": (
        "על איזה שם?",
        "ˈal ˈejze ʃˈem?",
    ),
    "ask_name_again": (
        "לא קלטתי את השם. אפשר שוב?",
        "lˈo kalˈateti ˈet haʃˈem. efʃˈaʁ ʃˈuv?",
    ),
    "ask_phone_caller": (
        "לרשום את המספר שממנו התקשרתם?",
        "liʁʃˈom ˈet hamispˈaʁ ʃemimˈenu hitkaʃˈaʁtem?",
    ),
    "ask_phone_keypad": (
        "הקישו בבקשה את מספר הטלפון, ובסיום סולמית.",
        "hakˈiʃu bevakaʃˈa ˈet mispˈaʁ hatˈelefon, uvesijˈum sulamˈit.",
    ),
    "phone_needed": (
        "בלי מספר טלפון אי אפשר לקבוע.",
        "blˈi mispˈaʁ tˈelefon ˈi efʃˈaʁ likbˈoa.",
    ),
    "bad_number": (
        "המספר לא תקין.",
        "hamispˈaʁ lˈo takˈin.",
    ),
    # -- confirmation ------------------------------------------------------------------------
    "read_back": (
        "אז {service}, {when}, על שם {name}, טלפון {phone}. לקבוע?",
        "ˈaz {service}, {when}, ˈal ʃˈem {name}, tˈelefon {phone}. likbˈoa?",
    ),
    "read_back_no_phone": (
        "אז {service}, {when}, על שם {name}. לקבוע?",
        "ˈaz {service}, {when}, ˈal ʃˈem {name}. likbˈoa?",
    ),
    "read_back_no_name": (
        "אז {service}, {when}, טלפון {phone}. לקבוע?",
        "ˈaz {service}, {when}, tˈelefon {phone}. likbˈoa?",
    ),
    "booked": (
        "קבעתי {service}, {when}.",
        "kavˈati {service}, {when}.",
    ),
    # -- appointments that stand -----------------------------------------------------------------
    "your_appointment_is": (
        "יש לכם תור, {service}, {when}.",
        "jˈeʃ laχˈem tˈoʁ, {service}, {when}.",
    ),
    "your_appointments_are": (
        "התורים שלכם, {appointments}.",
        "hatoʁˈim ʃelaχˈem, {appointments}.",
    ),
    "your_next_are": (
        "התורים הקרובים שלכם, {appointments}.",
        "hatoʁˈim hakʁovˈim ʃelaχˈem, {appointments}.",
    ),
    "no_appointment": (
        "לא מצאתי תור לפי הפרטים האלה.",
        "lˈo matsˈati tˈoʁ lefˈi hapʁatˈim haʔˈele.",
    ),
    "ask_identity": (
        "על איזה שם התור, ומה ארבע הספרות האחרונות של הטלפון?",
        "ˈal ˈejze ʃˈem hatˈoʁ, umˈa ˈaʁba hasfaʁˈot haʔaχʁonˈot ʃˈel hatˈelefon?",
    ),
    "which_appointment": (
        "איזה תור? {appointments}?",
        "ˈejze tˈoʁ? {appointments}?",
    ),
    "reschedule_read_back": (
        "{service}, במקום {old}, {when}. להעביר?",
        "{service}, bimkˈom {old}, {when}. lehaʔavˈiʁ?",
    ),
    "rescheduled": (
        "העברתי את התור. {service}, {when}.",
        "heʔevˈaʁti ˈet hatˈoʁ. {service}, {when}.",
    ),
    "move_when": (
        "{service}, {when}. לאיזה יום ושעה להעביר?",
        "{service}, {when}. leʔˈejze jˈom veʃaʔˈa lehaʔavˈiʁ?",
    ),
    "move_instead": (
        "לבטל כבר אי אפשר, רק להעביר.",
        "levatˈel kvˈaʁ ˈi efʃˈaʁ, ʁˈak lehaʔavˈiʁ.",
    ),
    "confirm_reschedule_again": (
        "להעביר, כן או לא?",
        "lehaʔavˈiʁ, kˈen ˈo lˈo?",
    ),
    "cancel_read_back": (
        "אז {service}, {when}. לבטל את התור?",
        "ˈaz {service}, {when}. levatˈel ˈet hatˈoʁ?",
    ),
    "cancelled": (
        "ביטלתי את התור, {service}, {when}.",
        "bitˈalti ˈet hatˈoʁ, {service}, {when}.",
    ),
    "confirm_cancel_again": (
        "לבטל, כן או לא?",
        "levatˈel, kˈen ˈo lˈo?",
    ),
    "not_changed": (
        "בסדר, התור נשאר כמו שהוא.",
        "besˈedeʁ, hatˈoʁ niʃʔˈaʁ kmˈo ʃehˈu.",
    ),
    "too_late_to_change": (
        "התור כבר קרוב מדי, ובזה מטפל הצוות.",
        "hatˈoʁ kvˈaʁ kaʁˈov midˈaj, uvazˈe metapˈel hatsˈevet.",
    ),
    "offer_message": (
        "להשאיר להם הודעה?",
        "lehaʃʔˈiʁ lahˈem hodaʔˈa?",
    ),
    "book_or_message": (
        "לקבוע תור חדש, או להשאיר הודעה לצוות?",
        "likbˈoa tˈoʁ χadˈaʃ, ˈo lehaʃʔˈiʁ hodaʔˈa latsˈevet?",
    ),
    # -- the waiting list ------------------------------------------------------------------------
    "waitlist_when": (
        "לאיזה יום להיכנס לרשימת ההמתנה?",
        "leʔˈejze jˈom lehikanˈes leʁeʃimˈat hahamtanˈa?",
    ),
    "waitlist_days": (
        "בין {first} לבין {last}",
        "bˈejn {first} levˈejn {last}",
    ),
    "waitlist_read_back": (
        "אז {wish}. להיכנס לרשימת ההמתנה?",
        "ˈaz {wish}. lehikanˈes leʁeʃimˈat hahamtanˈa?",
    ),
    "still_free": (
        "בזמן הזה עוד יש מקום.",
        "bazmˈan hazˈe ˈod jˈeʃ makˈom.",
    ),
    "waitlisted": (
        "רשמתי ברשימת ההמתנה. אם יתפנה תור, הצוות יחזור אליכם.",
        "ʁaʃˈamti beʁeʃimˈat hahamtanˈa. ˈim jitpanˈe tˈoʁ, hatsˈevet jaχzˈoʁ alejχˈem.",
    ),
    "anything_else": (
        "אפשר לעזור בעוד משהו?",
        "efʃˈaʁ laʔazˈoʁ beʔˈod mˈaʃehu?",
    ),
    "changed_mind": (
        "בסדר, לא קבעתי. מה לשנות?",
        "besˈedeʁ, lˈo kavˈati. mˈa leʃanˈot?",
    ),
    # -- misunderstanding --------------------------------------------------------------------
    "did_not_hear": (
        "לא שמעתי. אפשר לומר שוב?",
        "lˈo ʃamˈati. efʃˈaʁ lomˈaʁ ʃˈuv?",
    ),
    "did_not_understand": (
        "סליחה, לא הבנתי. אפשר לומר את זה אחרת?",
        "sliχˈa, lˈo hevˈanti. efʃˈaʁ lomˈaʁ ˈet zˈe aχˈeʁet?",
    ),
    "sorry": (
        "סליחה, לא הבנתי.",
        "sliχˈa, lˈo hevˈanti.",
    ),
    "confirm_again": (
        "לקבוע, כן או לא?",
        "likbˈoa, kˈen ˈo lˈo?",
    ),
    "did_not_understand_2": (
        "עדיין לא הבנתי. נמשיך בעזרת המקשים.",
        "adˈajin lˈo hevˈanti. namʃˈiχ beʔezʁˈat hamakaʃˈim.",
    ),
    "wait_ok": (
        "בטח, קחו את הזמן.",
        "betˈaχ, kχˈu ˈet hazmˈan.",
    ),
    # -- questions about the business ----------------------------------------------------------
    "hours_day": (
        "{day}, אנחנו פתוחים {windows}.",
        "{day}, anˈaχnu ptuχˈim {windows}.",
    ),
    "hours_window": (
        "משעה {open} עד {close}",
        "miʃaʔˈa {open} ˈad {close}",
    ),
    "address": (
        "הכתובת שלנו היא {address}.",
        "haktˈovet ʃelˈanu hˈi {address}.",
    ),
    "price": (
        "המחיר של {service} הוא {price}.",
        "hamχˈiʁ ʃˈel {service} hˈu {price}.",
    ),
    "price_unknown": (
        "את המחיר כדאי לברר מול צוות העסק.",
        "ˈet hamχˈiʁ kedˈaj levaʁˈeʁ mˈul tsˈevet haʔˈesek.",
    ),
    "do_not_know": (
        "את זה אין לי כאן. אפשר להשאיר הודעה לצוות.",
        "ˈet zˈe ˈejn lˈi kˈan. efʃˈaʁ lehaʃʔˈiʁ hodaʔˈa latsˈevet.",
    ),
    "fact": (
        "{fact}.",
        "{fact}.",
    ),
    # -- not our business ----------------------------------------------------------------------
    "not_by_phone_yet": (
        "בזה מטפל הצוות. להשאיר להם הודעה?",
        "bazˈe metapˈel hatsˈevet. lehaʃʔˈiʁ lahˈem hodaʔˈa?",
    ),
    "wrong_number": (
        "אין בעיה, יום טוב.",
        "ˈejn beʔajˈa, jˈom tˈov.",
    ),
}
