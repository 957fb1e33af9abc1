/* aim.c: the table of ISO/IEC 15424, as far as a symbology is in use. Stateless, any thread. */
#include "config.h"

#include "base/aim.h"

#include <string.h>

/* `code` is the code character, `modifiers` those that exist. Where `length` is given, the row
 * counts only for as many characters behind the identifier. First match wins. */
static const struct
{
  char code;
  const char *modifiers;
  gsize length;
  const char *symbology;
} table[] = {
  { 'A', "0123457", 0, "Code 39" },
  { 'B', "0124", 0, "Telepen" },
  { 'C', "1", 0, "GS1-128" },
  { 'C', "024", 0, "Code 128" },
  /* The standard wants 13 digits after ]E0, the leading zeros too; not every scanner sends them. */
  { 'E', "0", 12, "UPC-A" },
  { 'E', "0", 8, "UPC-E" },
  { 'E', "03", 0, "EAN-13" },
  { 'E', "1", 0, "EAN-2" },
  { 'E', "2", 0, "EAN-5" },
  { 'E', "4", 0, "EAN-8" },
  { 'F', "0124", 0, "Codabar" },
  { 'G', "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm", 0, "Code 93" },
  { 'H', "0138", 0, "Code 11" },
  { 'I', "013", 0, "ITF" },
  { 'J', "1", 0, "GS1 DotCode" },
  { 'J', "02345", 0, "DotCode" },
  { 'K', "0124", 0, "Code 16K" },
  { 'L', "345", 0, "MicroPDF417" },
  { 'L', "012", 0, "PDF417" },
  { 'M', "01", 0, "MSI" },
  { 'O', "4567", 0, "Codablock F" },
  { 'P', "0", 0, "Plessey" },
  { 'Q', "34", 0, "GS1 QR Code" },
  { 'Q', "01256", 0, "QR Code" },
  { 'R', "0138", 0, "Straight 2 of 5" },
  { 'S', "0", 0, "Straight 2 of 5" },
  { 'T', "0124", 0, "Code 49" },
  { 'U', "0123", 0, "MaxiCode" },
  { 'd', "2", 0, "GS1 DataMatrix" },
  { 'd', "013456", 0, "Data Matrix" },
  { 'e', "0123", 0, "GS1 DataBar" },
  { 'g', "0123", 0, "Grid Matrix" },
  { 'h', "0123", 0, "Han Xin" },
  { 'z', "1", 0, "GS1 Aztec" },
  { 'z', "023456789ABC", 0, "Aztec" },
};

gboolean
bipe_aim_parse (const char *code, char aim[4], const char **rest, const char **symbology)
{
  if (code[0] != ']' || code[1] == '\0' || code[2] == '\0' || code[3] == '\0')
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].code == code[1] && strchr (table[i].modifiers, code[2]) != NULL
        && (table[i].length == 0 || table[i].length == strlen (code + 3)))
      {
        memcpy (aim, code, 3);
        aim[3] = '\0';
        *rest = code + 3;
        *symbology = table[i].symbology;
        return TRUE;
      }
  return FALSE;
}
