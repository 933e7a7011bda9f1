@profile
def f(a=lambda: 1):
    for x in y:
        yield [z
               for z in x]
