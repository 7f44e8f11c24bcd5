// What C macros say and Swift cannot see.
#ifndef CMEDIASHIMS_H
#define CMEDIASHIMS_H
#include <stdint.h>
extern const int64_t shim_av_nopts_value;
#endif
