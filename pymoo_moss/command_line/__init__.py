"""What the commands have in common: their help, the values of options, and what mistakes are answered."""
