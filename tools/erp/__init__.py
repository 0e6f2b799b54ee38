"""Companies' own systems: ports in our words, one adapter file or folder per vendor."""
