"""The full-screen console: the only folder that imports textual."""

import os

# Textual paints in time slots, and a key waits for the next one. Read once, when its modules are imported: a slot of
# 4 ms in the place of its 17. Nothing is painted oftener for it than something has changed.
os.environ.setdefault("TEXTUAL_FPS", "250")
