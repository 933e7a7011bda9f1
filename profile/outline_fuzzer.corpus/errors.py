lazy import x
y = {**a for a in b}
def f(:
  pass
