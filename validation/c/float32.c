/* The formulas in float: every step is rounded to it. */

#define real float
#define table floats
#include "formulas.h"
