/* utf8.c - characters of a text: RFC 3629, strictly (no overlong forms, no surrogates, nothing above U+10FFFF). */
#include "base_private.h"

/* Bytes that a sequence beginning with lead should have; 0 when nothing begins so. */
static int SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

int rho_utf8_next(const char *text, const char *end, long *code) {
  static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *byte = (const unsigned char *)text;
  int nbyte = SequenceLength(byte[0]);
  *code = -1;
  if (!nbyte || nbyte > end - text) return 1;
  long value = nbyte == 1 ? byte[0] : byte[0] & (0x7f >> nbyte);
  for (int i = 1; i < nbyte; i++) {
    if ((byte[i] & 0xc0) != 0x80) return 1;
    value = value << 6 | (byte[i] & 0x3f);
  }
  if (value < least[nbyte] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return 1;
  *code = value;
  return nbyte;
}

typedef struct {
  long first, last;
  int width;
} WidthRange;

/* What formulas and comments are likely to hold: combining marks, joiners, East Asian and pictorial characters. */
static const WidthRange width_range[] = {
    {0x0300, 0x036f, 0},   {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0}, {0x200b, 0x200f, 0},
    {0x20d0, 0x20ff, 0},   {0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0},
    {0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},   {0xfeff, 0xfeff, 0},   {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

int rho_utf8_width(long code) {
  for (size_t i = 0; i < sizeof width_range / sizeof *width_range; i++)
    if (code >= width_range[i].first && code <= width_range[i].last) return width_range[i].width;
  return 1;
}
