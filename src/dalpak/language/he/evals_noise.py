"""How Hebrew words are misheard by a telephone STT: data for the noise of the evals.

Letters that sound alike, number words that are taken for one another, and common words that appear
out of nowhere. The rates and the dice are in `simulator/evals/noise.py`.
"""

ALIKE: tuple[str, ...] = ("אעה", "טת", "כק", "כח", "בו", "סש")
"""Letters written for one another, for they sound alike."""

NUMBERS: dict[str, tuple[str, ...]] = {
    "אחת": ("אחד", "אחות"),
    "שתיים": ("שניים", "שמיים", "שתים"),
    "שלוש": ("שלושים", "שלושה", "שש"),
    "ארבע": ("ארבעים", "ארבעה", "רבע"),
    "חמש": ("חמישים", "חמישה", "אמש"),
    "שש": ("שישים", "שבע", "יש"),
    "שבע": ("שבעים", "ארבע", "שש"),
    "שמונה": ("שמונים", "שמחה"),
    "תשע": ("תשעים", "שבע", "תשעה"),
    "עשר": ("עשרה", "עשרים", "אשר"),
    "אפס": ("אפשר",),
    "עשרה": ("עשר", "עשרים"),
    "וחצי": ("חצי", "וחצים"),
    "ורבע": ("רבע", "וארבע"),
    "רבע": ("ארבע", "ורבע"),
    "ראשון": ("רשאון", "הראשון"),
    "שני": ("שנייה", "שנים"),
    "שלישי": ("שישי", "שלישית"),
    "רביעי": ("ערבי", "רביעית"),
    "חמישי": ("שישי", "חמישית"),
    "שישי": ("שלישי", "חמישי"),
    "מחר": ("מהר", "אחר", "מכר"),
    "מחרתיים": ("מחר", "מחרתים"),
    "היום": ("יום", "אום"),
    "כן": ("קן", "כאן", "גן"),
    "לא": ("לו", "ולא", "לה"),
}
"""Number words, days and answers, and what an STT writes instead."""

COMMON: tuple[str, ...] = tuple(
    """זה את של על גם יש אני הוא היא מה עם אבל כל אז כמו רק עוד לי פה שם אם כי או יותר היה
    הזה טוב רגע ככה בית אחרי ממש קצת הרבה ילד אמא אבא רחוב דרך עבודה ים תודה בסדר""".split()
)
"""What an unclear word often becomes."""

PREFIXES = "בלהמוש"
"""One-letter prefixes that are swallowed or invented."""
