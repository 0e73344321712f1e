"""Documents in any supported format become articles: text, title, date, publisher."""
