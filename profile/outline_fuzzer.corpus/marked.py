import a.b as c, d
from ..e import (f as g,
  h)
from . import *
