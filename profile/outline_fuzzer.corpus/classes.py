class C:
  async def m(self):
    async for x in y: pass
    global g
    def g(): pass
