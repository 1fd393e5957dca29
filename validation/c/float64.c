/* The formulas in double. */

#define real double
#define table doubles
#include "formulas.h"
