/* crc32.c - the checksum of checkpoints: CRC-32 of ISO 3309 and zlib, polynomial 0x04c11db7 read from the low bit.

   Any burst of up to 32 wrong bits is found, anything else but one time in 2^32.  Four tables, so that four bytes take
   one look-up each (Kounavis and Berry 2005). */
#include "io_private.h"

void rho_crc_begin(Crc *crc) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c >> 1 ^ (c & 1 ? UINT32_C(0xedb88320) : 0);
    crc->table[0][i] = c;
  }
  for (int t = 1; t < 4; t++)
    for (int i = 0; i < 256; i++) {
      uint32_t c = crc->table[t - 1][i];
      crc->table[t][i] = c >> 8 ^ crc->table[0][c & 255];
    }
  crc->value = UINT32_MAX;
}

void rho_crc_add(Crc *crc, const void *bytes, size_t nbyte) {
  const unsigned char *b = bytes;
  uint32_t c = crc->value;
  for (; nbyte >= 4; nbyte -= 4, b += 4) {
    c ^= (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    c = crc->table[3][c & 255] ^ crc->table[2][c >> 8 & 255] ^ crc->table[1][c >> 16 & 255] ^ crc->table[0][c >> 24];
  }
  for (; nbyte; nbyte--, b++) c = c >> 8 ^ crc->table[0][(c ^ *b) & 255];
  crc->value = c;
}

uint32_t rho_crc_end(const Crc *crc) { return ~crc->value; }
