"""numpy's arrays: their memory comes from malloc. 8 MiB each; a product is a temporary."""

import numpy

values = numpy.ones(1 << 20)  #: made
total = numpy.add(values * values, values)  #: temporaries
del total
