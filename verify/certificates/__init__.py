"""The certificate format from the writing side: documents, files, statements."""
