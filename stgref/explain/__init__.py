"""Formulas with the numbers in them, line by line: what the command ``stgref explain`` prints.

A law or an estimator is described once, as a list of `steps.Step`: a symbol, the formula that makes it of those before, and
for the chain rule its partial derivatives. The numbers, the text and the LaTeX are all made of that description.
`laws`, `gates` and `estimators` hold the descriptions, `formula` reads, computes and writes a formula, `writers` writes an
explanation.
"""
