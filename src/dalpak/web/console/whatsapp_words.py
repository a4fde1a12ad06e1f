"""The words of the page on which messaging is set up, in Hebrew and in English. Nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT = "he"


@dataclass(frozen=True, slots=True)
class Words:
    """One language's."""

    name: str
    dir: str
    page: Mapping[str, str]
    messengers: Mapping[str, str]
    states: Mapping[str, tuple[str, str]]
    """How the link stands: a title, and what it means or what to do."""
    restart: Mapping[str, str]
    """What the button says where a person has to begin anew."""
    refusals: Mapping[str, str]
    """Why there is no pairing code."""
    needs: Mapping[str, str]
    """What does not work without a setting."""


HEBREW = Words(
    name="עברית",
    dir="rtl",
    page={
        "title": "חיבור וואטסאפ",
        "lead": "כך יוצאות ההודעות ללקוחות: אישורי תורים, תזכורות וסיכומים.",
        "messenger": "ערוץ ההודעות",
        "since": "מאז",
        "next_try": "ניסיון נוסף",
        "attempt": "ניסיון מספר",
        "fault": "התקלה האחרונה",
        "number": "המספר המחובר",
        "new_people": "נמענים חדשים היום",
        "of": "מתוך",
        "restricted": "וואטסאפ אינו מרשה לכתוב לאנשים חדשים עד",
        "untold": "הודעות נכנסות שממתינות לשרת",
        "run": "הפקודה שמפעילה אותו, במחשב הזה:",
        "pair": "חיבור המכשיר",
        "pair_scan": "בסריקה",
        "pair_code": "בקוד, בלי מצלמה",
        "step_1": "פותחים את וואטסאפ בטלפון של העסק.",
        "step_2": "נכנסים אל ״מכשירים מקושרים״ ובוחרים ״קישור מכשיר״.",
        "step_3": "מכוונים את המצלמה אל הקוד.",
        "qr": "קוד לסריקה באפליקציית וואטסאפ",
        "qr_renews": "הקוד מתחלף מעצמו. מי שסורק אותו מחבר את החשבון שלו, לכן אין לצלם אותו או לשלוח אותו.",
        "qr_none": "הקוד אינו זמין כרגע. הוא יופיע כאן מעצמו.",
        "phone": "מספר הטלפון של חשבון הוואטסאפ",
        "phone_hint": "מספר ישראלי, או מספר זר עם הקידומת שלו. לדוגמה:",
        "get_code": "קבלת קוד",
        "code": "הקוד להקלדה בטלפון",
        "code_how": "בטלפון: ״מכשירים מקושרים״, ״קישור מכשיר״, ״קישור באמצעות מספר טלפון״.",
        "risk": "זה חיבור לא רשמי ונוגד את תנאי השימוש של וואטסאפ: חשבונות שכתבו לאנשים שלא פנו אליהם קודם "
        "הוגבלו ונחסמו. לאישורי תורים לכל מתקשר מומלץ הממשק הרשמי של Meta.",
        "settings": "ההגדרות של הערוץ הנבחר",
        "setting": "הגדרה",
        "needed_for": "נחוצה",
        "state": "מצב",
        "present": "הוגדרה",
        "missing": "חסרה",
        "webhook": "הכתובת שיש להזין אצל הספק לקבלת הודעות ואישורי מסירה:",
        "all": "כל הערוצים",
        "all_hint": "הערוץ נבחר בהגדרה MESSENGER. ערוצים מוגדרים נוספים יכולים לשמש עסק כגיבוי, לפי הסדר שבחר.",
        "chosen": "נבחר",
        "ready": "מוגדר",
        "ready_deaf": "שולח, ואינו שומע תשובות",
        "not_ready": "לא מוגדר",
        "lost": "אין קשר עם השרת. מה שמוצג כאן אינו עדכני.",
        "paused": "העדכון האוטומטי נעצר והקוד הוסתר.",
        "again": "המשך עדכון",
        "log_out": "יציאה",
        "languages": "שפת הדף",
    },
    messengers={
        "outbox": "תיבת יוצא בלבד: שום הודעה אינה יוצאת מהמחשב",
        "whatsapp_cloud": "וואטסאפ, הממשק הרשמי של Meta",
        "twilio_whatsapp": "וואטסאפ דרך Twilio",
        "twilio_sms": "מסרונים (SMS) דרך Twilio",
        "baileys": "וואטסאפ כמכשיר מקושר (Baileys)",
    },
    states={
        "not_running": (
            "אינו פועל",
            "התוכנית שמתחברת לוואטסאפ אינה פועלת. הודעות נשמרות וימתינו לה.",
        ),
        "silent": (
            "אינו עונה",
            "משהו פועל בכתובת BAILEYS_URL ואינו עונה כמצופה. כדאי להפעיל אותו מחדש.",
        ),
        "other_token": ("מפתח אחר", "השרת והתוכנית הופעלו עם BAILEYS_TOKEN או DATA_DIR שונים."),
        "starting": ("מתחבר", "מתחבר לוואטסאפ."),
        "pairing": ("ממתין לחיבור מכשיר", "יש לחבר את הטלפון של העסק, בסריקה או בקוד."),
        "reconnecting": (
            "מתחבר שוב",
            "אי אפשר להגיע לוואטסאפ. הניסיונות נמשכים מעצמם, והודעות נשמרות עד אז.",
        ),
        "open": ("מחובר", "הודעות יוצאות."),
        "logged_out": ("נותק בטלפון", "המכשיר הוסר מרשימת המכשירים המקושרים. יש לחבר אותו שוב."),
        "forbidden": (
            "החשבון נחסם",
            "וואטסאפ סגר את החשבון. אפשר לערער באפליקציה, או לחבר חשבון אחר.",
        ),
        "replaced": (
            "בשימוש במקום אחר",
            "תוכנית אחרת משתמשת במכשיר הזה. יש לסגור אותה ולהמשיך כאן.",
        ),
        "stopped": ("נסגר", "התוכנית נסגרת."),
    },
    restart={
        "logged_out": "חיבור מחדש",
        "forbidden": "חיבור חשבון אחר",
        "replaced": "המשך כאן",
    },
    refusals={
        "bad_number": "זה אינו מספר טלפון שלם.",
        "already_paired": "המכשיר כבר מחובר.",
        "not_connected": "אין כרגע חיבור לוואטסאפ. אפשר לנסות שוב בעוד רגע.",
        "unreachable": "התוכנית שמתחברת לוואטסאפ אינה עונה.",
        "unauthorized": "השרת והתוכנית הופעלו עם מפתחות שונים.",
        "not_ended": "החיבור פעיל; אין מה להתחיל מחדש.",
        "other": "וואטסאפ לא נתן קוד. אפשר לנסות שוב, או לסרוק.",
    },
    needs={
        "sending": "לשליחה",
        "hearing": "לתשובות ולאישורי מסירה",
        "strangers": "לכתיבה למי שלא פנה קודם",
    },
)

ENGLISH = Words(
    name="English",
    dir="ltr",
    page={
        "title": "WhatsApp connection",
        "lead": "How messages reach customers: confirmations, reminders and summaries.",
        "messenger": "Message channel",
        "since": "Since",
        "next_try": "Next try",
        "attempt": "Attempt",
        "fault": "Last fault",
        "number": "Connected number",
        "new_people": "New people today",
        "of": "of",
        "restricted": "WhatsApp lets this account write to no new people until",
        "untold": "Incoming messages waiting for the server",
        "run": "The command that starts it, on this machine:",
        "pair": "Link the device",
        "pair_scan": "By scanning",
        "pair_code": "By a code, without a camera",
        "step_1": "Open WhatsApp on the business's phone.",
        "step_2": "Go to Linked devices and choose Link a device.",
        "step_3": "Point the camera at the code.",
        "qr": "Code to scan with WhatsApp",
        "qr_renews": "The code renews itself. Whoever scans it links their own account: do not photograph or share it.",
        "qr_none": "There is no code at the moment. It will appear here by itself.",
        "phone": "Phone number of the WhatsApp account",
        "phone_hint": "An Israeli number, or a foreign one with its prefix. For example:",
        "get_code": "Get a code",
        "code": "The code to type into the phone",
        "code_how": "On the phone: Linked devices, Link a device, Link with phone number instead.",
        "risk": "This way is unofficial and against WhatsApp's terms of service: accounts that wrote to people who had "
        "not written first were restricted and closed. To confirm to every caller, use Meta's official interface.",
        "settings": "Settings of the chosen channel",
        "setting": "Setting",
        "needed_for": "Needed",
        "state": "State",
        "present": "set",
        "missing": "missing",
        "webhook": "The address to give to the provider, for replies and receipts:",
        "all": "All channels",
        "all_hint": "MESSENGER chooses the channel. A business may use others that are set up as a fallback, in its "
        "own order.",
        "chosen": "chosen",
        "ready": "set up",
        "ready_deaf": "sends, hears no replies",
        "not_ready": "not set up",
        "lost": "The server cannot be reached. What is shown here is not up to date.",
        "paused": "Automatic updates stopped, and the code was put away.",
        "again": "Go on updating",
        "log_out": "Log out",
        "languages": "Language of the page",
    },
    messengers={
        "outbox": "Outbox only: no message leaves this machine",
        "whatsapp_cloud": "WhatsApp, Meta's official interface",
        "twilio_whatsapp": "WhatsApp by Twilio",
        "twilio_sms": "Text messages (SMS) by Twilio",
        "baileys": "WhatsApp as a linked device (Baileys)",
    },
    states={
        "not_running": (
            "Not running",
            "The program that connects to WhatsApp is not running. Messages are kept and wait for it.",
        ),
        "silent": (
            "Does not answer",
            "Something runs at BAILEYS_URL and does not answer as it should. Start it again.",
        ),
        "other_token": (
            "Another key",
            "The server and the program were started with a different BAILEYS_TOKEN or DATA_DIR.",
        ),
        "starting": ("Connecting", "Connecting to WhatsApp."),
        "pairing": (
            "Waiting for a device",
            "Link the business's phone, by scanning or by a code.",
        ),
        "reconnecting": (
            "Connecting again",
            "WhatsApp cannot be reached. It keeps trying by itself, and messages are kept until then.",
        ),
        "open": ("Connected", "Messages go out."),
        "logged_out": (
            "Logged out on the phone",
            "The device was removed from the linked devices. Link it again.",
        ),
        "forbidden": (
            "Account closed",
            "WhatsApp closed the account. Appeal in the app, or link another account.",
        ),
        "replaced": (
            "Used elsewhere",
            "Another program uses this device. Close it, then go on here.",
        ),
        "stopped": ("Stopping", "The program is stopping."),
    },
    restart={
        "logged_out": "Link again",
        "forbidden": "Link another account",
        "replaced": "Go on here",
    },
    refusals={
        "bad_number": "This is not a whole phone number.",
        "already_paired": "The device is linked already.",
        "not_connected": "WhatsApp is not connected at the moment. Try again shortly.",
        "unreachable": "The program that connects to WhatsApp does not answer.",
        "unauthorized": "The server and the program were started with different keys.",
        "not_ended": "The connection is alive; there is nothing to begin anew.",
        "other": "WhatsApp gave no code. Try again, or scan.",
    },
    needs={
        "sending": "to send",
        "hearing": "for replies and receipts",
        "strangers": "to write to people who have not written first",
    },
)

WORDS: Mapping[str, Words] = {"he": HEBREW, "en": ENGLISH}
