"""Serbian, in both scripts: no leading zeros in a date, 24 hours."""

DATE_FORMAT = "j. F Y."
SHORT_DATE_FORMAT = "j.n.Y."
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j. F Y. H:i"
SHORT_DATETIME_FORMAT = "j.n.Y. H:i"
MONTH_DAY_FORMAT = "j. F"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y.", "%d.%m.%Y", "%d. %m. %Y."]
