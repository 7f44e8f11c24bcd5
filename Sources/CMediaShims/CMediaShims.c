#include "CMediaShims.h"
#include <libavutil/avutil.h>
const int64_t shim_av_nopts_value = AV_NOPTS_VALUE;
