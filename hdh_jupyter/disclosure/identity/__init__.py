"""What designates a person: numbers with their keys, patterns of texts, and the words around them.

Pure functions on text; nothing here knows a file, a table or a policy's thresholds. Imports the word lists alone.
"""
