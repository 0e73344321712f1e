"""A briefing as Markdown, HTML, DOCX and PDF: one document in four formats."""
