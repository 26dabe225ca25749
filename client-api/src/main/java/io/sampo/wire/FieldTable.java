package io.sampo.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ext fields of one received header: its bytes and the places of names and values in them.
 * Nothing becomes a String or a number before it is asked for. Of two fields with one name the
 * later one counts, which is what clients with signing hooks rely on. Immutable.
 */
final class FieldTable implements HeaderFields {
  private final byte[] header;
  private final int[] fields;

  FieldTable(byte[] header, int[] fields) {
    this.header = header;
    this.fields = fields;
  }

  @Override
  public @Nullable String find(String name) {
    int entry = entry(name);
    if (entry < 0) {
      return null;
    }
    int at = fields[entry + 3];
    int sizeAndKind = fields[entry + 4];
    return text(header, at, sizeAndKind);
  }

  /** The text of a place, or null when it holds no value. */
  static @Nullable String text(byte[] header, int at, int sizeAndKind) {
    int size = ParsedHeader.size(sizeAndKind);
    return switch (ParsedHeader.kind(sizeAndKind)) {
      case ParsedHeader.PLAIN -> new String(header, at, size, StandardCharsets.UTF_8);
      case ParsedHeader.ESCAPED ->
          new String(utf8(header, at, sizeAndKind), StandardCharsets.UTF_8);
      default -> null;
    };
  }

  @Override
  public String name(String name) {
    int entry = entry(name);
    if (entry >= 0) {
      int sizeAndKind = fields[entry + 4];
      if (ParsedHeader.kind(sizeAndKind) == ParsedHeader.PLAIN) {
        return NameCache.text(header, fields[entry + 3], ParsedHeader.size(sizeAndKind));
      }
    }
    return text(name);
  }

  @Override
  public byte @Nullable [] findUtf8(String name) {
    int entry = entry(name);
    return entry < 0 ? null : utf8(header, fields[entry + 3], fields[entry + 4]);
  }

  @Override
  public int int32(String name) {
    return toInt32(name, requiredInt64(name));
  }

  @Override
  public int int32(String name, int fallback) {
    int entry = entry(name);
    return entry < 0 ? fallback : toInt32(name, number(name, entry));
  }

  @Override
  public long int64(String name) {
    return requiredInt64(name);
  }

  @Override
  public long int64(String name, long fallback) {
    int entry = entry(name);
    return entry < 0 ? fallback : number(name, entry);
  }

  @Override
  public boolean bool(String name, boolean fallback) {
    String value = find(name);
    return value == null ? fallback : Boolean.parseBoolean(value);
  }

  private long requiredInt64(String name) {
    int entry = entry(name);
    if (entry < 0) {
      throw new BadHeaderException("the header has no field " + name);
    }
    return number(name, entry);
  }

  private long number(String name, int entry) {
    int at = fields[entry + 3];
    int sizeAndKind = fields[entry + 4];
    long value;
    if (ParsedHeader.kind(sizeAndKind) == ParsedHeader.PLAIN) {
      value = Decimal.parse(header, at, ParsedHeader.size(sizeAndKind));
    } else {
      byte[] text = utf8(header, at, sizeAndKind);
      value = Decimal.parse(text, 0, text.length);
    }
    if (value == Decimal.NOT_A_NUMBER) {
      throw new BadHeaderException("the header's field " + name + " is not a number");
    }
    return value;
  }

  private static int toInt32(String name, long value) {
    if (value != (int) value) {
      throw new BadHeaderException("the header's field " + name + " is not a 32-bit number");
    }
    return (int) value;
  }

  /** Where a field with a value is, or -1. */
  private int entry(String name) {
    int hash = name.hashCode();
    for (int entry = fields.length - ParsedHeader.STRIDE;
        entry >= 0;
        entry -= ParsedHeader.STRIDE) {
      if (fields[entry] == hash && isName(entry, name)) {
        return ParsedHeader.kind(fields[entry + 4]) == ParsedHeader.ABSENT ? -1 : entry;
      }
    }
    return -1;
  }

  private boolean isName(int entry, String name) {
    int at = fields[entry + 1];
    int sizeAndKind = fields[entry + 2];
    if (ParsedHeader.kind(sizeAndKind) == ParsedHeader.ESCAPED) {
      return name.equals(text(header, at, sizeAndKind));
    }
    int size = ParsedHeader.size(sizeAndKind);
    if (name.length() != size) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (name.charAt(i) != header[at + i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] utf8(byte[] header, int at, int sizeAndKind) {
    byte[] bytes = Arrays.copyOfRange(header, at, at + ParsedHeader.size(sizeAndKind));
    return ParsedHeader.kind(sizeAndKind) == ParsedHeader.ESCAPED
        ? JsonText.unescape(bytes)
        : bytes;
  }
}
