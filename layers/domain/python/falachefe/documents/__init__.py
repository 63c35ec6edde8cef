"""Payment documents in text, read without any model: boletos, Pix codes, keys of electronic invoices, bank receipts.

Pure. A document whose check digits are wrong is returned as `Unreadable` with the reason, never as a document.
"""
