"""The words of the pages about the house itself: one module a page, one catalogue for all."""
