/* Days of the Gregorian calendar as plain arithmetic: no zones, no clock. For clock.c and calendar.c. */
#ifndef NURTURE_BASE_CIVIL_H
#define NURTURE_BASE_CIVIL_H

#include <stdint.h>

/* Days since 1970-01-01; month 1..12, day may run over either end. */
int64_t civil_days(int year, int month, int day);
void civil_date(int64_t days, int *year, int *month, int *day);
int civil_month_length(int year, int month);
int civil_weekday(int64_t days); /* 0 = Sunday */

#endif
