"""What the console knows, without a widget: the board, its filter, the figures."""
