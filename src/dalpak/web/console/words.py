"""The page's Hebrew words for what the rows hold: kinds, states, reasons. Nothing else."""

KINDS: dict[str, str] = {
    "confirmation": "אישור תור",
    "rescheduled": "הודעה על שינוי מועד",
    "cancelled": "אישור ביטול",
    "reminder": "תזכורת",
    "waitlist_offer": "הצעה לרשימת המתנה",
    "call_summary": "סיכום שיחה",
    "opt_out": "שורת הסרה, בהודעה למספר שנמסר בשיחה",
    "lead_notice": "הודעה לעסק על פנייה",
}

FLOWS: dict[str, str] = {
    "confirm_appointment": KINDS["confirmation"],
    "confirm_reschedule": KINDS["rescheduled"],
    "confirm_cancellation": KINDS["cancelled"],
    "remind_appointment": KINDS["reminder"],
    "offer_freed_slot": KINDS["waitlist_offer"],
    "summarise_call": KINDS["call_summary"],
    "notify_lead": KINDS["lead_notice"],
    "fall_back": "שליחה בערוץ אחר",
}

STATES: dict[str, str] = {
    "waiting": "בתור לביצוע",
    "running": "בביצוע",
    "later": "ימשיך בהמשך",
    "done": "הסתיים",
    "given_up": "נכשל סופית",
    "cancelled": "בוטל",
}

VERDICTS: dict[str, str] = {
    "sent": "נשלח",
    "pending": "ממתין",
    "skipped": "לא נשלח",
    "failed": "נכשל",
    "in_doubt": "לא ידוע אם הגיע",
    "nothing": "אין מה לשלוח",
}

REASONS: dict[str, str] = {
    "no_phone": "אין מספר טלפון",
    "no_owner_phone": "לעסק לא הוגדר מספר טלפון",
    "landline": "מספר קווי, אי אפשר לשלוח אליו הודעה",
    "no_consent": "אין הסכמה לקבל הודעות",
    "opted_out": "התקבלה בקשה להפסיק לשלוח הודעות",
    "cancelled": "התור בוטל לפני השליחה",
    "not_cancelled": "התור כבר אינו מבוטל",
    "moved": "התור הועבר שוב לפני השליחה",
    "too_late": "התור כבר התחיל",
    "expired": "ההצעה פגה לפני השליחה",
    "too_many": "המספר או השיחה הגיעו למכסת ההודעות של העסק",
    "anothers_number": "המספר אינו של המתקשר, וכבר נשלחה אליו הודעה בעקבות השיחה",
    "number_not_confirmed": "השיחה הגיעה ממספר חסוי, ומספר הנמען לא הוקש ולא אושר בה",
    "forgotten": "נוסח ההודעה נמחק בתום תקופת השמירה",
    "turned_off": "לפי הגדרת העסק אף אחד לא מקבל הודעה זו",
    "not_on_whatsapp": "המספר אינו בוואטסאפ",
    "bad_number": "הספק אינו מקבל את המספר",
    "template_refused": "תבנית ההודעה חסרה, מושהית או אינה מתאימה",
    "outside_window": "לא נכתב אלינו ביממה האחרונה ואין תבנית מאושרת",
    "blocked": "הנמען או המפעיל חוסמים הודעות מהעסק",
    "restricted": "וואטסאפ אינו מרשה לחשבון לכתוב לאנשים חדשים (שגיאה 463)",
    "daily_cap": "הגענו למכסה היומית של נמענים חדשים",
    "not_allowed": "הספק דחה את החשבון או את המפתח",
    "undeliverable": "הספק לא הצליח למסור",
    "refused": "הספק סירב",
    "timeout": "לא התקבלה תשובה; ייתכן שההודעה הגיעה",
    "connection_lost": "הקשר נותק לפני התשובה; ייתכן שההודעה הגיעה",
    "garbage": "תשובה לא קריאה; ייתכן שההודעה הגיעה",
    "unclear": "הספק נכשל בזמן הטיפול; ייתכן שההודעה הגיעה",
    "unreachable": "אי אפשר להגיע לספק",
    "rate_limited": "הספק מבקש להאט",
    "provider_down": "תקלה אצל הספק",
    "not_connected": "וואטסאפ אינו מחובר",
    "no_flow": "המעקב כבוי",
    "flow_cancelled": "הפעולה בוטלה ידנית",
    "nobody_waits": "אין ברשימת ההמתנה מי שהמועד מתאים לו",
    "killed_process": "הפעולה הופסקה שוב ושוב באמצע",
}


def reason(code: str) -> str:
    """In words; what has none is shown as it is."""
    return REASONS.get(code.removesuffix("_while_sending"), code)
