match x:
  case [1, *_] if y: pass
try: pass
except* E: pass
else: pass
with (a as b, c): pass
