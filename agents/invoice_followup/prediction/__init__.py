"""When open invoices will be paid and what cash comes in, from a company's own books.

Pure: no reading, no clock. A ``Book`` is what was known on a day; ``predict`` turns it into what
to expect of every open invoice and of the coming weeks.
"""
