package io.sampo.wire;

/**
 * Reads a ROCKETMQ header (codec 1). Lengths that lead out of the header are a {@link
 * FrameException}.
 *
 * <pre>
 *  int16 code, int8 language, int16 version, int32 opaque, int32 flag
 *  int32 size, remark
 *  int32 size of all ext fields, then per field: int16 size, name, int32 size, value
 * </pre>
 */
final class BinaryHeaderParser {
  private static final int LANGUAGE_AT = 2;
  private static final int VERSION_AT = LANGUAGE_AT + 1;
  private static final int OPAQUE_AT = VERSION_AT + 2;
  private static final int FLAG_AT = OPAQUE_AT + 4;
  private static final int REMARK_SIZE_AT = FLAG_AT + 4;

  /** The length of a header without remark and fields. */
  static final int BYTES_MIN = REMARK_SIZE_AT + 4 + 4;

  private BinaryHeaderParser() {}

  /** Reads the header that fills the array. */
  static void parse(byte[] bytes, ParsedHeader out) {
    int end = bytes.length;
    if (end < BYTES_MIN) {
      throw new FrameException("a binary header of " + end + " bytes");
    }
    out.code = int16(bytes, 0);
    out.language = Languages.known(bytes[LANGUAGE_AT]);
    out.version = int16(bytes, VERSION_AT);
    out.opaque = int32(bytes, OPAQUE_AT);
    out.flag = int32(bytes, FLAG_AT);

    int remarkBytes = int32(bytes, REMARK_SIZE_AT);
    int remarkAt = REMARK_SIZE_AT + 4;
    if (remarkBytes < 0 || remarkBytes > end - remarkAt - 4) {
      throw new FrameException("a remark of " + remarkBytes + " bytes in a header of " + end);
    }
    out.remarkAt = remarkAt;
    out.remarkSizeAndKind = sizeAndKind(remarkBytes);

    int fieldsAt = remarkAt + remarkBytes + 4;
    int fieldsBytes = int32(bytes, fieldsAt - 4);
    if (fieldsBytes < 0 || fieldsBytes > end - fieldsAt) {
      throw new FrameException("fields of " + fieldsBytes + " bytes in a header of " + end);
    }
    fields(bytes, fieldsAt, fieldsAt + fieldsBytes, out);
  }

  private static void fields(byte[] bytes, int from, int end, ParsedHeader out) {
    int at = from;
    while (at < end) {
      if (end - at < 2) {
        throw new FrameException("the header ends within a field");
      }
      int nameBytes = int16(bytes, at);
      int nameAt = at + 2;
      if (nameBytes < 0 || nameBytes > end - nameAt - 4) {
        throw new FrameException("the header ends within a field");
      }
      int valueAt = nameAt + nameBytes + 4;
      int valueBytes = int32(bytes, valueAt - 4);
      if (valueBytes < 0 || valueBytes > end - valueAt) {
        throw new FrameException("the header ends within a field");
      }
      int nameHash = 0;
      for (int i = nameAt; i < nameAt + nameBytes; i++) {
        nameHash = 31 * nameHash + bytes[i];
      }
      out.addField(
          nameHash,
          nameAt,
          ParsedHeader.sizeAndKind(nameBytes, ParsedHeader.PLAIN),
          valueAt,
          sizeAndKind(valueBytes));
      at = valueAt + valueBytes;
    }
  }

  private static int sizeAndKind(int bytes) {
    return ParsedHeader.sizeAndKind(bytes, bytes == 0 ? ParsedHeader.ABSENT : ParsedHeader.PLAIN);
  }

  private static int int16(byte[] bytes, int at) {
    return bytes[at] << 8 | (bytes[at + 1] & 0xff);
  }

  private static int int32(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }
}
