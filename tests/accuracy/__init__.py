"""The standard of accuracy (DESIGN 9): every quantity and gradient of every law against the oracle."""
