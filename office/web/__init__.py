"""The pages: sign in, decide what waits, read what was done. Server-rendered; scripts only help."""
