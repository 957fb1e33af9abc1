#include "config.h"

#include "base/timestamp.h"

#include <string.h>

/* "9999-12-31T23:59:59.999999Z" */
#define LAST G_GINT64_CONSTANT (253402300799999999)

/* Days since 1970 to a date and back: the civil calendar in eras of 400 years, counted from 1
 * March, so that the leap day is the last of its year. */
static void
civil_from_days (gint64 days, int *year, int *month, int *day)
{
  gint64 shifted = days + 719468;
  gint64 era = shifted / 146097;
  gint64 day_of_era = shifted - era * 146097;
  gint64 year_of_era
      = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  gint64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  gint64 from_march = (5 * day_of_year + 2) / 153;

  *day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
  *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
  *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static gint64
days_from_civil (int year, int month, int day)
{
  gint64 shifted = month > 2 ? year : year - 1;
  gint64 from_march = month > 2 ? month - 3 : month + 9;
  gint64 era = shifted / 400;
  gint64 year_of_era = shifted - era * 400;
  gint64 day_of_year = (153 * from_march + 2) / 5 + day - 1;

  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
         - 719468;
}

static int
days_in_month (int year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

  return days[month - 1] + (month == 2 && is_leap);
}

static char *
put_digits (char *out, guint value, guint width)
{
  for (guint i = width; i > 0; i--, value /= 10)
    out[i - 1] = (char)('0' + value % 10);
  return out + width;
}

void
bipe_timestamp_format (gint64 timestamp, char text[BIPE_TIMESTAMP_SIZE])
{
  gint64 microseconds = CLAMP (timestamp, 0, LAST);
  gint64 seconds = microseconds / G_USEC_PER_SEC;
  guint of_day = (guint)(seconds % 86400);
  char *out = text;
  int year, month, day;

  civil_from_days (seconds / 86400, &year, &month, &day);
  out = put_digits (out, (guint)year, 4);
  *out++ = '-';
  out = put_digits (out, (guint)month, 2);
  *out++ = '-';
  out = put_digits (out, (guint)day, 2);
  *out++ = 'T';
  out = put_digits (out, of_day / 3600, 2);
  *out++ = ':';
  out = put_digits (out, of_day / 60 % 60, 2);
  *out++ = ':';
  out = put_digits (out, of_day % 60, 2);
  *out++ = '.';
  out = put_digits (out, (guint)(microseconds % G_USEC_PER_SEC), 6);
  *out++ = 'Z';
  *out = '\0';
}

/* Moves *@text behind @width digits, whose value must be from @least to @most. */
static gboolean
take_number (const char **text, guint width, int least, int most, int *number)
{
  *number = 0;
  for (guint i = 0; i < width; i++, (*text)++)
    {
      if (!g_ascii_isdigit (**text))
        return FALSE;
      *number = *number * 10 + g_ascii_digit_value (**text);
    }
  return *number >= least && *number <= most;
}

static gboolean
take_one_of (const char **text, const char *characters)
{
  if (**text == '\0' || strchr (characters, **text) == NULL)
    return FALSE;
  (*text)++;
  return TRUE;
}

static gboolean
take_date (const char **text, gint64 *days)
{
  int year, month, day;

  if (!take_number (text, 4, 1, 9999, &year) || !take_one_of (text, "-")
      || !take_number (text, 2, 1, 12, &month) || !take_one_of (text, "-")
      || !take_number (text, 2, 1, 31, &day) || day > days_in_month (year, month))
    return FALSE;
  *days = days_from_civil (year, month, day);
  return TRUE;
}

/* Digits beyond the microseconds are cut off. */
static gboolean
take_fraction (const char **text, gint64 *microseconds)
{
  gint64 weight = G_USEC_PER_SEC;

  *microseconds = 0;
  if (!take_one_of (text, "."))
    return TRUE;
  if (!g_ascii_isdigit (**text))
    return FALSE;
  for (; g_ascii_isdigit (**text); (*text)++)
    {
      weight /= 10;
      *microseconds += g_ascii_digit_value (**text) * weight;
    }
  return TRUE;
}

static gboolean
take_offset (const char **text, int *minutes)
{
  gboolean is_west = **text == '-';
  int hour, minute;

  *minutes = 0;
  if (take_one_of (text, "Zz"))
    return TRUE;
  if (!take_one_of (text, "+-") || !take_number (text, 2, 0, 23, &hour) || !take_one_of (text, ":")
      || !take_number (text, 2, 0, 59, &minute))
    return FALSE;
  *minutes = (hour * 60 + minute) * (is_west ? -1 : 1);
  return TRUE;
}

gboolean
bipe_timestamp_parse (const char *text, gint64 *timestamp)
{
  gint64 days, microseconds;
  int hour, minute, second, offset;

  /* Second 60 is a leap one, and the same as the next minute's first. */
  if (!take_date (&text, &days) || !take_one_of (&text, "Tt ")
      || !take_number (&text, 2, 0, 23, &hour) || !take_one_of (&text, ":")
      || !take_number (&text, 2, 0, 59, &minute) || !take_one_of (&text, ":")
      || !take_number (&text, 2, 0, 60, &second) || !take_fraction (&text, &microseconds)
      || !take_offset (&text, &offset) || *text != '\0')
    return FALSE;
  *timestamp
      = (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * G_USEC_PER_SEC + microseconds;
  return *timestamp >= 0 && *timestamp <= LAST;
}
