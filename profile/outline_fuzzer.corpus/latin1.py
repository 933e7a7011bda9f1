# -*- coding: latin-1 -*-
x = "ä"
def f():  return 1