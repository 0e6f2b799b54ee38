"""The scheduling engine: whole numbers in, start times out. It knows no ERP, no dates and no money.

``problem`` says what is to be scheduled and what a plan is; ``schedule`` finds a good plan and
always returns one. What it returns is verified by code of its own, outside this folder.
"""
