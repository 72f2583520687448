"""Rich text of hostile origin: Markdown, code and formulas drawn into a Qt document.

Nothing here makes or reads HTML, loads a resource or opens an address by itself.
"""
