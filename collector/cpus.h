// How many CPUs the program may use: by affinity and by the quota of its control group, whichever is less.
#pragma once

namespace scalene::collector {

double CpusUsable();  // > 0; may be a fraction
int CpusInstalled();

}  // namespace scalene::collector
