"""Reading files of openings: from bytes to rows, and from what a row says to the fields of an opening.

Formats, told apart by content: schema.org JobPosting as JSON-LD (one object, `@graph`, array, or JSON Lines), CSV with
comma, semicolon or tab, and XLSX. Text is UTF-8. Nothing here touches an opening; `services.import_openings` does.

Columns of CSV and XLSX, in any order; only the title has to be there. `columns.COLUMNS` holds their other names.

    title             required
    description       tasks, plain text
    employer          name; not needed when an employer imports its own
    tax_number        nine digits
    municipality      name in either script, or our code
    country           ISO 3166-1 code or name, to tell places of one name apart
    positions         whole number, 1 to 500
    contract          permanent, fixed_term, ... or neodređeno, određeno, ...
    hours_per_week    number
    shifts            morning, afternoon, night, weekend, split; separated by comma
    pay_from, pay_to  net; 65000, 65.000 and 65.000,00 are the same
    pay_period        hour, week, month, year
    currency          ISO 4217
    live_in, night, isolated, cash    yes/no, da/ne
    languages         en:B1, de:A2
    licences          driving_b, forklift, ...
    skills            needed; separated by comma or semicolon
    optional_skills   welcome
    occupation        name of the occupation, if the title does not say it
    posted_on, valid_through    2026-11-02 or 2.11.2026.
    identifier        the row's own key: a row with a known key and other content changes that opening
"""

from .fields import OpeningFields, parse_row
from .reading import read_rows
from .rows import MAX_ROWS, RowErrors, Source, SourceRow

__all__ = ["MAX_ROWS", "OpeningFields", "RowErrors", "Source", "SourceRow", "parse_row", "read_rows"]
