#include "check.h"

/* The bytes of a character by the definition in RFC 3629, section 3. */
static int Encode(long code, char *bytes) {
  if (code < 0x80) return (bytes[0] = (char)code, 1);
  int n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3f));
  bytes[0] = (char)((0xf00 >> n & 0xff) | code);
  return n;
}

/* Property: every character decodes to itself, with all its bytes; the surrogates are none. */
static void RoundTrip(void **state) {
  (void)state;
  for (long code = 0; code <= 0x10ffff; code++) {
    char bytes[4];
    long decoded;
    int n = Encode(code, bytes), used = rho_utf8_next(bytes, bytes + n, &decoded);
    bool surrogate = code >= 0xd800 && code < 0xe000;
    if (decoded != (surrogate ? -1 : code) || used != (surrogate ? 1 : n)) fail_msg("U+%04lX", (unsigned long)code);
  }
}

/* Property: a character cut short by the end of the text is one bad byte. */
static void CutShort(void **state) {
  (void)state;
  const long code[] = {0xe9, 0x3c1, 0x20ac, 0x1f600};
  for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
    char bytes[4];
    long decoded;
    int n = Encode(code[i], bytes);
    for (int keep = 1; keep < n; keep++) {
      assert_int_equal(rho_utf8_next(bytes, bytes + keep, &decoded), 1);
      assert_int_equal(decoded, -1);
    }
  }
}

/* Property: overlong forms and numbers above U+10FFFF are bad bytes. */
static void NotUtf8(void **state) {
  (void)state;
  const char *const bad[] = {
      "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
      "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\x80",         "\xff",         "\xe2\x28\xa1"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    long decoded;
    assert_int_equal(rho_utf8_next(bad[i], bad[i] + strlen(bad[i]), &decoded), 1);
    assert_int_equal(decoded, -1);
  }
}

/* Property: any bytes are walked through to exactly their end. */
static void RandomBytes(void **state) {
  (void)state;
  uint64_t random = 3;
  for (int trial = 0; trial < 2000; trial++) {
    char bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)Random(&random, 256);
    const char *at = bytes, *end = bytes + sizeof bytes;
    long decoded;
    while (at < end) at += rho_utf8_next(at, end, &decoded);
    assert_ptr_equal(at, end);
  }
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(RoundTrip), cmocka_unit_test(CutShort), cmocka_unit_test(NotUtf8),
                                    cmocka_unit_test(RandomBytes)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
