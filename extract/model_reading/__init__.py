"""The model reader: any chat-completions server reads an article, and every record it gives is proved."""
