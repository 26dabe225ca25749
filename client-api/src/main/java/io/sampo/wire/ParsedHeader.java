package io.sampo.wire;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;

/**
 * What a header parser found, before it becomes a command: the fixed fields, and for each ext field
 * the places of its name and value in the header's bytes. One per thread, used again for each
 * header, so that a command costs one array of the right length.
 */
final class ParsedHeader {
  /** How many ext fields a header may have; official clients send fewer than 30. */
  static final int FIELDS_MAX = 256;

  /** A place that is a value as it stands. */
  static final int PLAIN = 0;

  /** A place of JSON text with escapes. */
  static final int ESCAPED = 1;

  /** No value: JSON null, or an empty value in the binary codec. */
  static final int ABSENT = 2;

  /** Per ext field: name hash, name start, name size and kind, value start, value size and kind. */
  static final int STRIDE = 5;

  private static final FastThreadLocal<ParsedHeader> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected ParsedHeader initialValue() {
          return new ParsedHeader();
        }
      };

  int code;
  int language;
  int version;
  int opaque;
  int flag;
  int remarkAt;
  int remarkSizeAndKind;
  private int[] fields = new int[32 * STRIDE];
  private int fieldCount;

  private ParsedHeader() {}

  /** This thread's instance, emptied. */
  static ParsedHeader empty() {
    ParsedHeader parsed = OF_THREAD.get();
    parsed.code = 0;
    parsed.language = 0;
    parsed.version = 0;
    parsed.opaque = 0;
    parsed.flag = 0;
    parsed.remarkAt = 0;
    parsed.remarkSizeAndKind = ABSENT;
    parsed.fieldCount = 0;
    return parsed;
  }

  void addField(int nameHash, int nameAt, int nameSizeAndKind, int valueAt, int valueSizeAndKind) {
    if (fieldCount == FIELDS_MAX) {
      throw new FrameException("the header has more than " + FIELDS_MAX + " fields");
    }
    int at = fieldCount++ * STRIDE;
    if (at == fields.length) {
      fields = Arrays.copyOf(fields, 2 * fields.length);
    }
    fields[at] = nameHash;
    fields[at + 1] = nameAt;
    fields[at + 2] = nameSizeAndKind;
    fields[at + 3] = valueAt;
    fields[at + 4] = valueSizeAndKind;
  }

  int[] copyFields() {
    return Arrays.copyOf(fields, fieldCount * STRIDE);
  }

  static int sizeAndKind(int sizeBytes, int kind) {
    return sizeBytes << 2 | kind;
  }

  static int size(int sizeAndKind) {
    return sizeAndKind >>> 2;
  }

  static int kind(int sizeAndKind) {
    return sizeAndKind & 3;
  }
}
