"""Wrong formulas for the functions of laws and for estimators, one family to a file."""
