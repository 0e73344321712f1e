"""The same content as JSON, feeds, exports, linked data and briefings."""
